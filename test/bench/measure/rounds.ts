/**
 * A pass over all contenders, in another order each time, so that no contender always follows the same one, or a slow
 * moment.
 */
export async function inRounds<T>(
	rounds: number,
	contenders: readonly T[],
	measure: (contender: T, round: number) => Promise<void>,
	progress: (text: string) => void,
): Promise<void> {
	for (let round = 0; round < rounds; round += 1) {
		progress(`round ${round + 1} of ${rounds}`);
		for (const contender of shuffled(contenders)) await measure(contender, round);
	}
}

function shuffled<T>(values: readonly T[]): readonly T[] {
	return values
		.map((value) => ({ value, at: Math.random() }))
		.sort((one, other) => one.at - other.at)
		.map(({ value }) => value);
}

/**
 * Clears away the young garbage of whoever came before, so that nobody pays for another's. A full collection would
 * throw compiled code away, and everybody would pay for that. Node has to run with --expose-gc.
 */
export function collectYoungGarbage(): void {
	if (globalThis.gc === undefined) throw new Error('The bench needs node --expose-gc');
	void globalThis.gc({ type: 'minor' });
}

/** Runs `call` for each of `count` places, so many at once. */
export async function concurrently(
	count: number,
	concurrency: number,
	call: (index: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	const worker = async () => {
		while (next < count) {
			const index = next;
			next += 1;
			await call(index);
		}
	};
	await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
}
