/**
 * A moment of the clock on the wall: milliseconds since 1970-01-01 UTC. What stores, items and people speak of. It may
 * be corrected while the process runs, in both directions.
 *
 * The two kinds of moments are told apart by a mark that no value carries: the compiler refuses one where the other is
 * asked for. A number that was calculated fits both.
 */
export type EpochMs = number & { readonly clock?: 'wall' };

/**
 * A moment of the process's own clock, in milliseconds. It never jumps, so deadlines and pauses are counted with it; but
 * it stands still while the machine sleeps, so it must not be compared with moments of the wall clock.
 */
export type MonotonicMs = number & { readonly clock?: 'monotonic' };

/** Time, as the engine sees it. Tests drive it; the host builds it on timers. */
export interface Clock {
	now(): MonotonicMs;
	/** What the clock on the wall says at a moment of this clock. */
	wallTime(moment: MonotonicMs): EpochMs;
	/**
	 * Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects.
	 * `ms` of 0 or less resolves without a pause.
	 */
	wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock on the wall. */
export interface WallClock {
	now(): EpochMs;
}

/** A uniformly distributed number in [0, 1). Passed in, so that every delay can be reproduced. */
export type Random = () => number;
