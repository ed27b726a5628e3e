import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';

/** A guess of how many calls may be under way at once. It begins small, and grows with time and answers. */
export interface Ramp {
	readonly from: number;
	readonly since: MonotonicMs;
	readonly answered: number;
	/** The most calls that were under way at once. */
	readonly most: number;
	/** Begun by somebody who could not wait for the measure. */
	readonly inHurry: boolean;
}

export function newRamp(from: number, since: MonotonicMs, inHurry = false): Ramp {
	return { from, since, answered: 0, most: 0, inHurry };
}

/** When one call more may be under way, in spite of those in flight. */
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

/** A year of silence is as good as twenty doublings. */
const mostDoublings = 20;

function callsAtOnce(ramp: Ramp, now: MonotonicMs, doublingMs: number, policy: GatePolicy): number {
	const doubledIn = (ms: number) => ramp.from * 2 ** Math.min(mostDoublings, (now - ramp.since) / ms);
	return Math.max(doubledIn(doublingMs), Math.min(ramp.from + ramp.answered, doubledIn(policy.fastestDoublingMs)));
}

/** In what time calls at once double without an answer, in ms. `refusalMs`: how long refusals take; 0: unknown. */
export function doublingTimeMs(refusalMs: number, policy: GatePolicy): number {
	if (refusalMs === 0) return policy.doublingMs;
	return Math.min(policy.doublingMs, Math.max(policy.fastestDoublingMs, policy.doublingPerRefusal * refusalMs));
}
