import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';
import { takenIn, type CallStart, type GateState, type Spell } from './gate-state';
import { countStart, firstMeasure, measureFrom, mostCalls, noEvidence, type Evidence } from './measure';
import { doublingTimeMs, newRamp, type Ramp } from './ramp';

/** How a call came to start. */
export interface Entry {
	/** It had to wait at the gate. */
	readonly waited: boolean;
	/** It would run out of time if it waited for the learned rate, which therefore does not apply to it. */
	readonly inHurry: boolean;
}

export function startCall(
	state: GateState,
	entry: Entry,
	now: MonotonicMs,
	policy: GatePolicy,
): readonly [GateState, CallStart] {
	const before = readyToStart(state, entry, now, policy);
	const { spell, ramp, measure } = before;
	const inFlight = spell.inFlight + 1;
	const after: GateState = {
		...before,
		inFlight: before.inFlight + 1,
		spell: { ...spell, started: spell.started + 1, inFlight },
		ramp: ramp !== undefined && inFlight > ramp.most ? { ...ramp, most: inFlight } : ramp,
		measure: measure && countStart(measure, now, doublingTimeMs(state.refusalMs, policy), policy),
	};
	return [after, { startedAt: now, spell: spell.number }];
}

function readyToStart(state: GateState, { waited, inHurry }: Entry, now: MonotonicMs, policy: GatePolicy): GateState {
	if (state.ramp === undefined) return reopened(state, waited, now, policy);
	if (state.inFlight === 0 && !waited) return afresh(state, state.ramp, now, policy);
	return inHurry && !state.ramp.inHurry ? { ...state, ramp: newRamp(state.spell.inFlight + 1, now, true) } : state;
}

/**
 * The first call after a 429. The pause was long enough for the other 429s to arrive, so all remaining calls count as
 * accepted.
 */
function reopened(state: GateState, waited: boolean, now: MonotonicMs, policy: GatePolicy): GateState {
	const { spell, refusedAt = now } = state;
	const reopensAt = Math.max(state.closedUntil, state.restsUntil);
	const pauseMs = state.restMs;
	const taken = takenIn(spell);
	const evidence = evidenceAfter(spell, state.evidence, reopensAt);
	const measure =
		evidence.calls > 0
			? measureFrom(evidence, taken, state.measure, pauseMs, policy)
			: firstMeasure({ calls: taken, spanMs: refusedAt - spell.openedAt }, pauseMs, policy);
	const oneByOne = taken > 0 && pauseMs < policy.longestWordMs ? 2 : 1;
	return {
		...state,
		evidence,
		measure,
		spell: { number: spell.number + 1, openedAt: now, started: 0, refused: 0, inFlight: 0, followsRefusal: waited },
		ramp: newRamp(measure?.isSpread === true ? mostCalls : oneByOne, now),
	};
}

/**
 * Adds the calls accepted since the gate last reopened; earlier evidence counts half. The time is measured from one
 * reopening to the next, because the limit is about equally used up at both. When no call was accepted, only the time
 * of the earlier evidence grows.
 */
function evidenceAfter(spell: Spell, before: Evidence, reopensAt: MonotonicMs): Evidence {
	if (!spell.followsRefusal) return before;
	const calls = takenIn(spell);
	const spanMs = reopensAt - spell.openedAt;
	if (calls > 0) return { calls: before.calls / 2 + calls, spanMs: before.spanMs / 2 + spanMs };
	return before.calls === 0 ? before : { calls: before.calls, spanMs: before.spanMs + spanMs };
}

/**
 * A call starts while none is waiting or in flight: earlier calls do not tell how many are accepted at once from now
 * on, so a new ramp begins. A learned rate is forgotten when the last 429 is long ago.
 */
function afresh(state: GateState, ramp: Ramp, now: MonotonicMs, policy: GatePolicy): GateState {
	const isLongAgo = state.refusedAt !== undefined && now - state.refusedAt >= policy.forgetAfterMs;
	return {
		...state,
		spell: { ...state.spell, openedAt: now, started: 0, refused: 0, followsRefusal: false },
		ramp: newRamp(Math.max(isLongAgo ? policy.firstCalls : ramp.from, Math.floor(ramp.most / 2)), now),
		...(isLongAgo && { measure: undefined, evidence: noEvidence, refusedAt: undefined }),
	};
}
