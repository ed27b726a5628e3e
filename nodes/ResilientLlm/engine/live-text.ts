/** Receives the text of an answer piece by piece, while it is streamed. */
export type LiveReader = (text: string) => void;

/** Passes streamed text on to a reader. Text that was passed on cannot be withdrawn. */
export interface LiveText {
	/** Whether the reader has received any text yet. If so, no other answer may follow. */
	readonly hasBegun: boolean;
	/** Opens the stream for one call. Text that arrives after `end` is ignored. */
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
