/** Something the user has to put right before this item can be worked on. */
export class InvalidInput extends Error {
	override readonly name = 'InvalidInput';

	constructor(
		message: string,
		/** What to do about it, in a sentence or two. */
		readonly advice: string,
	) {
		super(message);
	}
}
