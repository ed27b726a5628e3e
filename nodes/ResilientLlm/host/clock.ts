import type { Clock, WallClock } from '../engine/clock';

/** The longest delay a Node.js timer takes; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** For instants that are compared with those of a store, or shown to people. */
export const wallClock: WallClock = { now: () => Date.now() };

/**
 * Monotonic, so that a correction of the system time moves no deadline. `wait` resolves when the time is over or the
 * signal aborts.
 */
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
