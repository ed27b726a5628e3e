import { vi } from 'vitest';

/** Does the work on a machine that slept: the process's own clock stood still meanwhile, the clock on the wall did not. */
export async function afterASleepOf<T>(sleptMs: number, work: () => Promise<T>): Promise<T> {
	const now = performance.now.bind(performance);
	const asleep = vi.spyOn(performance, 'now').mockImplementation(() => now() - sleptMs);
	try {
		return await work();
	} finally {
		asleep.mockRestore();
	}
}
