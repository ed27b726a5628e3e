/**
 * Milliseconds since 1970-01-01 UTC. Host clocks count monotonically from their start, so a jump of the wall clock
 * moves no deadline.
 */
export type EpochMs = number;

/** Time, as the engine sees it. Tests drive it; the host builds it on timers. */
export interface Clock {
	now(): EpochMs;
	/**
	 * Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects.
	 * `ms` of 0 or less resolves without a pause.
	 */
	wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** A uniformly distributed number in [0, 1). Passed in, so that every delay can be reproduced. */
export type Random = () => number;
