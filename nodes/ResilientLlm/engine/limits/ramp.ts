import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';

/** A guess of how many calls may be in flight at once: `from` at the time `since`, then more with time and answers. */
export interface Ramp {
	readonly from: number;
	readonly since: MonotonicMs;
	readonly answered: number;
	/** The most calls that were in flight at once. */
	readonly most: number;
	/** Begun by a call that could not wait for the learned rate. */
	readonly inHurry: boolean;
}

export function newRamp(from: number, since: MonotonicMs, inHurry = false): Ramp {
	return { from, since, answered: 0, most: 0, inHurry };
}

/** When one more call may start while `inFlight` others are in flight. */
export function rampOpensAt(
	ramp: Ramp,
	inFlight: number,
	now: MonotonicMs,
	doublingMs: number,
	policy: GatePolicy,
): MonotonicMs {
	if (inFlight < ramp.from || inFlight + 1 <= callsAtOnce(ramp, now, doublingMs, policy)) return now;
	return Math.max(now + 1, ramp.since + doublingMs * Math.log2((inFlight + 1) / ramp.from));
}

/** Upper bound of the doublings, so that the number stays finite after a long time without calls. */
const mostDoublings = 20;

function callsAtOnce(ramp: Ramp, now: MonotonicMs, doublingMs: number, policy: GatePolicy): number {
	const doubledIn = (ms: number) => ramp.from * 2 ** Math.min(mostDoublings, (now - ramp.since) / ms);
	return Math.max(doubledIn(doublingMs), Math.min(ramp.from + ramp.answered, doubledIn(policy.fastestDoublingMs)));
}

/**
 * The time in which the allowed concurrency doubles without any answer, in ms. `refusalMs`: how long 429s take to come
 * back, in ms; 0: unknown.
 */
export function doublingTimeMs(refusalMs: number, policy: GatePolicy): number {
	if (refusalMs === 0) return policy.doublingMs;
	return Math.min(policy.doublingMs, Math.max(policy.fastestDoublingMs, policy.doublingPerRefusal * refusalMs));
}
