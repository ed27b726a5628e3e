import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';

/** So many calls were taken in such a time, in ms. */
export interface Evidence {
	readonly calls: number;
	readonly spanMs: number;
}

export const noEvidence: Evidence = { calls: 0, spanMs: 0 };

/** A guess from what was taken: at most `calls` start in any `periodMs`. */
export interface Measure {
	readonly calls: number;
	readonly periodMs: number;
	/** Its calls go out one after the other, or a few at a time: not even a wrong one brings many refusals. */
	readonly isSpread: boolean;
	/** The last calls that started under it, oldest first, at most `calls` of them. */
	readonly starts: readonly MonotonicMs[];
	/** After so many calls without a refusal it is raised. */
	readonly patience: number;
	/** The calls since it was learned or raised. */
	readonly started: number;
	/** When it was raised, or the first call after it was learned; undefined: none yet. */
	readonly raisedAt: MonotonicMs | undefined;
	/** The share by which it will be raised. */
	readonly raise: number;
	/** The time per call before the last raise, in ms; undefined: not raised yet. */
	readonly beforeRaiseMs: number | undefined;
	readonly learnedFrom: Evidence;
}

/** The most calls that a measure counts one by one. */
export const mostCalls = 1000;

/** So many calls at once may be refused without much harm. */
const fewAtOnce = 4;

/** When the next call fits the measure. */
export function measureOpensAt({ starts, calls, periodMs }: Measure, now: MonotonicMs): MonotonicMs {
	const [oldest] = starts;
	return oldest === undefined || starts.length < calls ? now : Math.max(now, oldest + periodMs);
}

/**
 * What a refusal teaches. `evidence`: the calls taken between the last refusals; `taken`: those taken under the measure
 * `before`; `pauseMs`: how long nobody may call now.
 */
export function measureFrom(
	evidence: Evidence,
	taken: number,
	before: Measure | undefined,
	pauseMs: number,
	policy: GatePolicy,
): Measure {
	const isKept = before !== undefined && taken >= before.patience;
	const callMs = isKept
		? (before.beforeRaiseMs ?? before.periodMs / before.calls)
		: (evidence.spanMs / evidence.calls) * (1 + policy.margin);
	// A pause longer than the calls before it is how a window looks: they may all come at once. Otherwise they are
	// spread.
	const isWindow = pauseMs >= evidence.spanMs / 2;
	const calls = isKept ? before.calls : isWindow ? evidence.calls : policy.shortestPeriodMs / callMs;
	const isConfirmed = before !== undefined && evidence.calls >= policy.enoughCalls;
	const patience = Math.max(
		Math.min(evidence.calls, policy.enoughCalls),
		isConfirmed ? (policy.raisesPerPause * pauseMs) / callMs : 0,
	);
	return newMeasure(calls, callMs, patience, evidence, policy);
}

/**
 * What the first refusal teaches: nothing yet, as nobody knows how much of the limit was left when the calls began.
 * Only when its pause is so short that being wrong costs little: how many calls were taken in such a time.
 */
export function firstMeasure(evidence: Evidence, pauseMs: number, policy: GatePolicy): Measure | undefined {
	if (evidence.calls < policy.enoughCalls || pauseMs > policy.learnAtOnceBelowMs) return undefined;
	const callMs = (Math.max(evidence.spanMs, pauseMs) / evidence.calls) * (1 + policy.margin);
	const calls = pauseMs / callMs;
	return newMeasure(calls, callMs, policy.raisesPerPause * calls, evidence, policy);
}

function newMeasure(
	calls: number,
	callMs: number,
	patience: number,
	learnedFrom: Evidence,
	policy: GatePolicy,
): Measure {
	const counted = Math.min(mostCalls, Math.max(1, Math.round(calls)));
	return {
		calls: counted,
		periodMs: counted * callMs,
		isSpread: counted <= Math.max(fewAtOnce, policy.shortestPeriodMs / callMs),
		starts: [],
		// A whole period has to be taken before it can be raised.
		patience: Math.max(patience, counted),
		started: 0,
		raisedAt: undefined,
		raise: 0,
		beforeRaiseMs: undefined,
		learnedFrom,
	};
}

/** A call starts. `feedbackMs`: the time in which a refusal of the calls before would have come back. */
export function countStart(measure: Measure, now: MonotonicMs, feedbackMs: number, policy: GatePolicy): Measure {
	const { starts, calls, raisedAt = now, started, patience } = measure;
	const counted = {
		...measure,
		starts: [...(starts.length < calls ? starts : starts.slice(1)), now],
		started: started + 1,
		raisedAt,
	};
	return started >= patience && now - raisedAt >= feedbackMs ? raised(counted, now, policy) : counted;
}

/** Raised as fast as it is taken: each time by more. */
function raised(measure: Measure, now: MonotonicMs, policy: GatePolicy): Measure {
	const raise = measure.raise === 0 ? policy.firstRaise : Math.min(policy.largestRaise, 2 * measure.raise);
	return {
		...measure,
		periodMs: measure.periodMs / (1 + raise),
		started: 0,
		raisedAt: now,
		raise,
		beforeRaiseMs: measure.periodMs / measure.calls,
	};
}

/** A call that was counted was not made. */
export function uncountStart(measure: Measure, startedAt: MonotonicMs): Measure {
	const index = measure.starts.lastIndexOf(startedAt);
	return index < 0 ? measure : { ...measure, starts: measure.starts.toSpliced(index, 1) };
}

/** A call that it was learned from was refused after all. */
export function lessOneTaken(measure: Measure): Measure {
	const { learnedFrom } = measure;
	if (learnedFrom.calls <= 1) return measure;
	const calls = learnedFrom.calls - 1;
	return {
		...measure,
		periodMs: (measure.periodMs * learnedFrom.calls) / calls,
		learnedFrom: { ...learnedFrom, calls },
	};
}
