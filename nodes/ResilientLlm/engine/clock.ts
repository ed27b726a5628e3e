/**
 * A wall-clock time: milliseconds since 1970-01-01 UTC. Used for everything that is stored or shown to people. The
 * system may correct this clock at any time, in both directions.
 *
 * The optional `clock` property is a brand: it exists only in the type, and no value carries it. It makes the compiler
 * reject an `EpochMs` where a `MonotonicMs` is expected, and the reverse. The result of arithmetic is a plain number
 * and fits both.
 */
export type EpochMs = number & { readonly clock?: 'wall' };

/**
 * A time of the process's monotonic clock, in milliseconds. It never jumps, so deadlines and pauses are measured with
 * it. It stands still while the machine sleeps, so it must not be compared with wall-clock times.
 */
export type MonotonicMs = number & { readonly clock?: 'monotonic' };

/** The engine's source of time. Tests control it; the host implements it with timers. */
export interface Clock {
	now(): MonotonicMs;
	/** Converts a time of this clock to wall-clock time. */
	wallTime(moment: MonotonicMs): EpochMs;
	/**
	 * Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects.
	 * `ms` of 0 or less resolves without a pause.
	 */
	wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The system's wall clock. */
export interface WallClock {
	now(): EpochMs;
}

/** A uniformly distributed number in [0, 1). Injected, so that tests can reproduce every delay. */
export type Random = () => number;
