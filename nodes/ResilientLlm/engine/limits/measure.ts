import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';

/** So many calls were accepted in so much time, in ms. */
export interface Evidence {
	readonly calls: number;
	readonly spanMs: number;
}

export const noEvidence: Evidence = { calls: 0, spanMs: 0 };

/** A rate learned from accepted calls: at most `calls` start in any `periodMs`. A guess, not the server's word. */
export interface Measure {
	readonly calls: number;
	readonly periodMs: number;
	/** Calls start one by one or a few at a time, so that even a wrong rate causes few 429s. */
	readonly isSpread: boolean;
	/** Start times of the last calls under this rate, oldest first, at most `calls` of them. */
	readonly starts: readonly MonotonicMs[];
	/** The number of calls without a 429 after which the rate is raised. */
	readonly patience: number;
	/** Calls started since the rate was learned or last raised. */
	readonly started: number;
	/** When the rate was last raised or, before that, when its first call started; undefined: no call yet. */
	readonly raisedAt: MonotonicMs | undefined;
	/** The share by which the rate was last raised; 0: not raised yet. */
	readonly raise: number;
	/** The rate before the last raise, as ms per call; undefined: not raised yet. */
	readonly beforeRaiseMs: number | undefined;
	readonly learnedFrom: Evidence;
}

/** Upper bound of `Measure.calls`: each of their start times is stored. */
export const mostCalls = 1000;

/** So many calls at once may get a 429 without much harm. */
const fewAtOnce = 4;

/** When the next call may start under this rate. */
export function measureOpensAt({ starts, calls, periodMs }: Measure, now: MonotonicMs): MonotonicMs {
	const [oldest] = starts;
	return oldest === undefined || starts.length < calls ? now : Math.max(now, oldest + periodMs);
}

/**
 * The rate that a 429 teaches. `evidence`: the calls accepted between the last 429s. `taken`: those accepted under the
 * rate `before`. `pauseMs`: how long no call may start now, in ms. A rate that had held long enough (`patience`) is
 * kept, without its last raise.
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
	// A pause that is long compared with the calls before it suggests that the server counts in fixed windows: all calls
	// of a window may then start at once. Otherwise they are spread over the time.
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
 * The rate that the first 429 teaches. Usually none, because it is unknown how much of the limit was left when the
 * calls began. Only after a short pause, where a wrong rate costs little: the rate of the calls accepted so far.
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
		// The calls of at least one whole period must be accepted before the rate is raised.
		patience: Math.max(patience, counted),
		started: 0,
		raisedAt: undefined,
		raise: 0,
		beforeRaiseMs: undefined,
		learnedFrom,
	};
}

/**
 * Counts the start of a call, and raises the rate when it is time. `feedbackMs`: the time in which a 429 to the earlier
 * calls would have come back, in ms.
 */
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

/** Raises the rate, each time by a larger share. */
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

/** Removes a counted call that was not made after all. */
export function uncountStart(measure: Measure, startedAt: MonotonicMs): Measure {
	const index = measure.starts.lastIndexOf(startedAt);
	return index < 0 ? measure : { ...measure, starts: measure.starts.toSpliced(index, 1) };
}

/** Lowers the rate: one of the calls that it was learned from got a 429 after all. */
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
