import type { Clock, WallClock } from '../engine/clock';

/** The longest delay a Node.js timer takes; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** For whatever is compared with the moments of a store, or shown to people. */
export const wallClock: WallClock = { now: () => Date.now() };

/** Counts from the process's start, so that a correction of the wall clock moves no deadline. */
export const systemClock: Clock = {
	now: monotonicNow,

	wallTime: (moment) => Date.now() - (monotonicNow() - moment),

	wait: async (ms, signal) =>
		await new Promise<void>((resolve) => {
			if (ms <= 0 || signal.aborted) return resolve();
			const end = () => {
				clearTimeout(timer);
				signal.removeEventListener('abort', end);
				resolve();
			};
			const timer = setTimeout(end, Math.min(ms, maxTimerMs));
			signal.addEventListener('abort', end, { once: true });
		}),
};

function monotonicNow(): number {
	return performance.timeOrigin + performance.now();
}
