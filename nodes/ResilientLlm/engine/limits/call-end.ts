import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';
import { takenIn, type CallStart, type GateState } from './gate-state';
import { lessOneTaken, uncountStart } from './measure';

/** What the end of a call tells about the rate limit. */
export type CallEnd =
	| { readonly kind: 'answered' }
	/** A 429. `retryAfterMs`: undefined or 0 without a Retry-After. */
	| { readonly kind: 'refused'; readonly retryAfterMs: number | undefined }
	/** Any other failure, which tells nothing about the rate limit. */
	| { readonly kind: 'failed' }
	/** The call was not made after all. */
	| { readonly kind: 'unused' };

/**
 * `isNews` is false for a 429 to a call that was already in flight when an earlier 429 arrived: it was to be expected.
 */
export interface Ended {
	readonly state: GateState;
	readonly isNews: boolean;
}

export function endCall(state: GateState, call: CallStart, end: CallEnd, now: MonotonicMs, policy: GatePolicy): Ended {
	const { spell } = state;
	const isOfSpell = call.spell === spell.number;
	const landed: GateState = {
		...state,
		inFlight: Math.max(0, state.inFlight - 1),
		spell: isOfSpell ? { ...spell, inFlight: Math.max(0, spell.inFlight - 1) } : spell,
	};
	switch (end.kind) {
		case 'answered':
			return { state: answered(landed, isOfSpell, now - call.startedAt), isNews: true };
		case 'refused':
			return refused(landed, call, end.retryAfterMs ?? 0, now, policy);
		case 'failed':
			return { state: landed, isNews: true };
		case 'unused':
			return { state: unused(landed, call), isNews: true };
	}
}

function answered(state: GateState, isOfSpell: boolean, tookMs: number): GateState {
	const { ramp } = state;
	return {
		...state,
		answerMs: Math.max(tookMs, 0.95 * state.answerMs),
		ramp: isOfSpell && ramp !== undefined ? { ...ramp, answered: ramp.answered + 1 } : ramp,
	};
}

function unused(state: GateState, { spell, startedAt }: CallStart): GateState {
	if (spell !== state.spell.number) return state;
	return {
		...state,
		spell: { ...state.spell, started: Math.max(0, state.spell.started - 1) },
		measure: state.measure && uncountStart(state.measure, startedAt),
	};
}

/** Upper bound of `GateState.refusalMs`, in ms: one slow 429 must not lengthen all pauses. */
const longestRefusalMs = 1000;

function refused(state: GateState, call: CallStart, retryAfterMs: number, now: MonotonicMs, policy: GatePolicy): Ended {
	const wordMs = Math.min(retryAfterMs, policy.longestWordMs);
	const refusalMs = Math.min(longestRefusalMs, Math.max(now - call.startedAt, 0.9 * state.refusalMs));
	const closedUntil = wordMs > 0 ? Math.max(state.closedUntil, now + wordMs) : state.closedUntil;
	const heard: GateState = { ...state, closedUntil, refusalMs };
	if (call.spell !== state.spell.number) {
		return { state: { ...heard, measure: state.measure && lessOneTaken(state.measure) }, isNews: false };
	}
	const spell = { ...state.spell, refused: state.spell.refused + 1 };
	const isNews = state.ramp !== undefined;
	const refusedAt = isNews ? now : (state.refusedAt ?? now);
	const restBeforeMs = isNews ? state.restMs : state.restBeforeMs;
	const restMs = restAfter({ ...state, restBeforeMs }, takenIn(spell) > 0, wordMs, isNews, refusalMs, policy);
	return {
		state: { ...heard, spell, refusedAt, restMs, restBeforeMs, restsUntil: refusedAt + restMs, ramp: undefined },
		isNews,
	};
}

/**
 * The length of the pause after a 429, in ms: long enough for the calls in flight to be refused, too, if they exceed
 * the limit. It grows each time none of the calls since the last pause was accepted.
 */
function restAfter(
	state: GateState,
	wasTaken: boolean,
	wordMs: number,
	isNews: boolean,
	refusalMs: number,
	policy: GatePolicy,
): number {
	if (wasTaken && !isNews) return state.restMs;
	const leastMs = Math.max(wordMs > 0 ? wordMs : policy.restMs, 1.5 * refusalMs);
	if (wasTaken) return leastMs;
	return Math.max(leastMs, Math.min(policy.longestRestMs, policy.restGrowth * state.restBeforeMs));
}
