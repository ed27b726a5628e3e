import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';
import { measureOpensAt, noEvidence, type Evidence, type Measure } from './measure';
import { doublingTimeMs, newRamp, rampOpensAt, type Ramp } from './ramp';

/** The calls between two pauses: from the reopening of the gate to the 429 that closes it again. */
export interface Spell {
	readonly number: number;
	/** When its first call started. */
	readonly openedAt: MonotonicMs;
	readonly started: number;
	readonly refused: number;
	readonly inFlight: number;
	/**
	 * Whether its first call had waited. Then the limit was in use at both ends, and the spell is evidence for a rate.
	 */
	readonly followsRefusal: boolean;
}

/**
 * What is known and what is guessed about one target's rate limit. Known is only the server's Retry-After
 * (`closedUntil`). Everything else is a guess, which may delay a call but never prevents it. Immutable plain data:
 * `startCall` and `endCall` return the next state.
 */
export interface GateState {
	/** The server takes no call before this, by its Retry-After. 0: it did not say so. */
	readonly closedUntil: MonotonicMs;
	/** A guess: a call before this would probably get another 429. 0: no pause. */
	readonly restsUntil: MonotonicMs;
	/** The length of the latest pause, in ms. */
	readonly restMs: number;
	/** The length of the pause before the current spell, in ms: the next pause grows from it. */
	readonly restBeforeMs: number;
	/** A guess: how many calls may be in flight at once. Undefined from a 429 until the next call starts. */
	readonly ramp: Ramp | undefined;
	/** A guess: the rate at which the server accepts calls. Undefined: none was learned. */
	readonly measure: Measure | undefined;

	readonly inFlight: number;
	readonly spell: Spell;
	/** When the latest pause began; undefined: there was no 429 yet, or what was learned is forgotten. */
	readonly refusedAt: MonotonicMs | undefined;
	/** Accepted calls of the spells that followed a 429; each further spell halves the weight of those before it. */
	readonly evidence: Evidence;
	/** How long 429s take to come back, in ms; 0: none has arrived yet. */
	readonly refusalMs: number;
	/** How long slow answers take, in ms. */
	readonly answerMs: number;
}

export function newGate(now: MonotonicMs, policy: GatePolicy): GateState {
	return {
		closedUntil: 0,
		restsUntil: 0,
		restMs: 0,
		restBeforeMs: 0,
		ramp: newRamp(policy.firstCalls, now),
		measure: undefined,
		inFlight: 0,
		spell: { number: 1, openedAt: now, started: 0, refused: 0, inFlight: 0, followsRefusal: false },
		refusedAt: undefined,
		evidence: noEvidence,
		refusalMs: 0,
		answerMs: 0,
	};
}

/**
 * When the next call may start, as far as is known now. `word`: because of a Retry-After; `guess`: for other reasons.
 */
export interface Opening {
	readonly at: MonotonicMs;
	readonly by: 'word' | 'guess';
}

/** `inHurry`: for a call that would run out of time if it waited for the learned rate. */
export function openingOf(state: GateState, inHurry: boolean, now: MonotonicMs, policy: GatePolicy): Opening {
	if (now < state.closedUntil) return { at: state.closedUntil, by: 'word' };
	const { ramp, measure, spell, restsUntil } = state;
	// A first call in a hurry begins a ramp of its own, and the first call after a 429 a new one: neither has to wait.
	const byRamp =
		ramp === undefined || (inHurry && !ramp.inHurry)
			? now
			: rampOpensAt(ramp, spell.inFlight, now, doublingTimeMs(state.refusalMs, policy), policy);
	const byMeasure = ramp === undefined || measure === undefined || inHurry ? now : measureOpensAt(measure, now);
	return { at: Math.max(restsUntil, byRamp, byMeasure), by: 'guess' };
}

/** A call that has started: `endCall` needs this back when it has ended. */
export interface CallStart {
	readonly startedAt: MonotonicMs;
	readonly spell: number;
}

/** The accepted calls of a spell, as far as is known: those in flight count as accepted. */
export function takenIn({ started, refused }: Spell): number {
	return Math.max(0, started - refused);
}
