import { longestBelievedPauseMs } from '../retry-after';

/** How a gate guesses. These numbers decide how long a call may be delayed; none of them keeps it from being made. */
export interface GatePolicy {
	/** Calls at once to a target that nobody has called yet: the node's default concurrency. */
	readonly firstCalls: number;
	/** Calls at once double in this time, in ms, while none is refused: refusals come back fast. */
	readonly doublingMs: number;
	/** Each answer adds one call at once. They do not double in less than this, in ms: refusals may be on their way. */
	readonly fastestDoublingMs: number;
	/** Once a refusal has shown how long it takes, so many times that long without a further one is enough to double. */
	readonly doublingPerRefusal: number;
	/** The pause after a refusal that asks for none, in ms. */
	readonly restMs: number;
	/** It grows by this factor as long as not one call is taken after it, up to `longestRestMs`. */
	readonly restGrowth: number;
	readonly longestRestMs: number;
	/** A Retry-After is believed for so long, in ms. Then one call finds out. */
	readonly longestWordMs: number;
	/** Fewer taken calls than this are little evidence; one refusal after this many is no reason to slow down. */
	readonly enoughCalls: number;
	/** A first refusal teaches a measure only when its pause is no longer than this, in ms: being wrong costs little. */
	readonly learnAtOnceBelowMs: number;
	/** Calls go out this much slower than they were taken: on the very edge, a few ms of delay bring the next refusal. */
	readonly margin: number;
	/** A measure shorter than this, in ms, would be lost in the inaccuracy of timers. */
	readonly shortestPeriodMs: number;
	/** A measure is raised by this share, then by twice that each time, up to `largestRaise`, until a call is refused. */
	readonly firstRaise: number;
	readonly largestRaise: number;
	/** The next raise waits for so many times the calls that the last pause cost. */
	readonly raisesPerPause: number;
	/** What was learned is forgotten when nobody has called for a while and the last refusal is this long ago, in ms. */
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
