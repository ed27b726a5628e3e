import { longestBelievedPauseMs } from '../retry-after';

/**
 * Tuning of a rate limit gate. These heuristics decide how long a call may be delayed; none of them prevents a call.
 */
export interface GatePolicy {
	/** Concurrent calls allowed to a target that was not called before. Equals the node's default concurrency. */
	readonly firstCalls: number;
	/** The allowed concurrency doubles in this time, in ms, while no 429 arrives: 429s come back fast. */
	readonly doublingMs: number;
	/**
	 * Each answer allows one more concurrent call. The concurrency never doubles in less than this, in ms, because 429s
	 * may still be on their way.
	 */
	readonly fastestDoublingMs: number;
	/**
	 * Once it is known how long a 429 takes to come back, this many times that long without a 429 is enough to double.
	 */
	readonly doublingPerRefusal: number;
	/** The pause after a 429 without Retry-After, in ms. */
	readonly restMs: number;
	/** Factor by which that pause grows each time no call was accepted after it, up to `longestRestMs`. */
	readonly restGrowth: number;
	readonly longestRestMs: number;
	/** The longest Retry-After that is honoured, in ms. Then one call finds out whether the limit still holds. */
	readonly longestWordMs: number;
	/** Fewer accepted calls than this are little evidence for a rate; a 429 after this many is no reason to lower it. */
	readonly enoughCalls: number;
	/** The first 429 teaches a rate only when its pause is no longer than this, in ms: then a wrong rate costs little. */
	readonly learnAtOnceBelowMs: number;
	/**
	 * Calls start this share slower than they were accepted: exactly at the limit, a few ms of delay cause the next 429.
	 */
	readonly margin: number;
	/** Rates that count less than a period of this length, in ms, would be lost in the inaccuracy of timers. */
	readonly shortestPeriodMs: number;
	/**
	 * A learned rate is raised by this share, then by twice as much each time, up to `largestRaise`, until a 429 arrives.
	 */
	readonly firstRaise: number;
	readonly largestRaise: number;
	/** The rate is raised only after this many times the calls that the last pause has cost. */
	readonly raisesPerPause: number;
	/** A learned rate is forgotten when no call is waiting or in flight and the last 429 is this long ago, in ms. */
	readonly forgetAfterMs: number;
}

export const defaultGatePolicy: GatePolicy = {
	firstCalls: 5,
	doublingMs: 500,
	fastestDoublingMs: 100,
	doublingPerRefusal: 4,
	restMs: 500,
	restGrowth: 1.4,
	longestRestMs: 30_000,
	longestWordMs: longestBelievedPauseMs,
	enoughCalls: 8,
	learnAtOnceBelowMs: 2000,
	margin: 0.05,
	shortestPeriodMs: 50,
	firstRaise: 0.1,
	largestRaise: 0.5,
	raisesPerPause: 10,
	forgetAfterMs: 120_000,
};
