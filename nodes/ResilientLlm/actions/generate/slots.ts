/** A semaphore: limits how many run at the same time; the others wait in the order in which they came. */
export interface Slots {
	/** Waits for a slot. The returned function frees it; further calls of it have no effect. */
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
