/**
 * A queue for the pieces of a streamed answer: the writer adds them, the reader takes them in order at its own speed.
 */
export interface Pieces {
	readonly add: (piece: string) => void;
	/** Tells the reader that no more pieces will come. */
	readonly end: () => void;
	/** All pieces until `end`. May be iterated only once. */
	all(): AsyncGenerator<string>;
}

export function createPieces(): Pieces {
	let waiting: string[] = [];
	let isOver = false;
	let wake = () => {};
	return {
		add(piece) {
			waiting.push(piece);
			wake();
		},
		end() {
			isOver = true;
			wake();
		},
		async *all() {
			for (;;) {
				const ready = waiting;
				waiting = [];
				yield* ready;
				if (waiting.length > 0) continue;
				if (isOver) return;
				await new Promise<void>((resolve) => (wake = resolve));
			}
		},
	};
}
