/** Hands on what somebody else says, in its order, to whoever reads it at a pace of their own. */
export interface Pieces {
	readonly add: (piece: string) => void;
	/** Nothing more will come. */
	readonly end: () => void;
	/** To be read once. */
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
