/** Reads an answer while it is written, piece by piece. */
export type LiveReader = (text: string) => void;

/** What was said of an answer before it was whole. Nothing takes it back. */
export interface LiveText {
	/** Whether somebody has read a part of an answer already: no other answer may follow it. */
	readonly hasBegun: boolean;
	/** For one call. What the call says after `end` is not heard any more. */
	openFor(): { readonly read: LiveReader; end(): void };
}

export function createLiveText(reader: LiveReader): LiveText {
	let hasBegun = false;
	return {
		get hasBegun() {
			return hasBegun;
		},
		openFor() {
			let isOver = false;
			return {
				read(text) {
					if (isOver || text === '') return;
					hasBegun = true;
					reader(text);
				},
				end: () => (isOver = true),
			};
		},
	};
}
