/** An error in the input or the settings that the user has to fix before the item can be processed. */
export class InvalidInput extends Error {
	override readonly name = 'InvalidInput';

	constructor(
		message: string,
		/** How to fix it, in a sentence or two. */
		readonly advice: string,
	) {
		super(message);
	}
}
