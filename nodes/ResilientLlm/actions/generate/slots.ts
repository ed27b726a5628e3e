/** A semaphore: so many at once, the others in the order in which they came. */
export interface Slots {
	/** Waits for a slot. What it gives frees it again; to free it twice does nothing more. */
	take(): Promise<() => void>;
}

export function createSlots(count: number): Slots {
	let free = count;
	const waiting: Array<() => void> = [];

	return {
		async take() {
			if (free > 0) free -= 1;
			else await new Promise<void>((resolve) => waiting.push(resolve));
			let isTaken = true;
			return () => {
				if (!isTaken) return;
				isTaken = false;
				const next = waiting.shift();
				if (next === undefined) free += 1;
				else next();
			};
		},
	};
}
