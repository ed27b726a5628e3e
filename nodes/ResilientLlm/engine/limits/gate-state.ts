import type { MonotonicMs } from '../clock';
import type { GatePolicy } from './gate-policy';
import { measureOpensAt, noEvidence, type Evidence, type Measure } from './measure';
import { doublingTimeMs, newRamp, rampOpensAt, type Ramp } from './ramp';

/** The calls between two refusals. */
export interface Spell {
	readonly number: number;
	/** When its first call started. */
	readonly openedAt: MonotonicMs;
	readonly started: number;
	readonly refused: number;
	readonly inFlight: number;
	/** Whether somebody was waiting when it began: then the limit had been reached at both of its ends. */
	readonly followsRefusal: boolean;
}

/**
 * What is known of one target's rate limit, and what is guessed from that. Known is only the server's own word
 * (`closedUntil`). All the rest is a guess, which may delay a call and do nothing else. Plain data: `startCall` and
 * `endCall` make the next state of it.
 */
export interface GateState {
	/** The server takes no call before this: it said so. 0: it did not. */
	readonly closedUntil: MonotonicMs;
	/** A guess: it is not worth asking before this. 0: at any time. */
	readonly restsUntil: MonotonicMs;
	readonly restMs: number;
	/** The pause that came before the last spell, in ms: what a longer one is measured by. */
	readonly restBeforeMs: number;
	/** A guess: how many calls at once. Undefined from a refusal until the next call starts. */
	readonly ramp: Ramp | undefined;
	/** A guess: how many calls in what time. Undefined: nothing was learned. */
	readonly measure: Measure | undefined;

	readonly inFlight: number;
	readonly spell: Spell;
	/** When the spell ended; undefined: no call was refused yet, or everything was forgotten. */
	readonly refusedAt: MonotonicMs | undefined;
	/** From the spells that followed a refusal; each further one makes those before it count for half. */
	readonly evidence: Evidence;
	/** How long refusals take to come back, in ms; 0: none has yet. */
	readonly refusalMs: number;
	/** How long the slower answers take, in ms. */
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

/** When the next call may start, as far as can be known now, and who says so. */
export interface Opening {
	readonly at: MonotonicMs;
	readonly by: 'word' | 'guess';
}

/** `inHurry`: for somebody who cannot wait for the measure. */
export function openingOf(state: GateState, inHurry: boolean, now: MonotonicMs, policy: GatePolicy): Opening {
	if (now < state.closedUntil) return { at: state.closedUntil, by: 'word' };
	const { ramp, measure, spell, restsUntil } = state;
	// Whoever begins to hurry begins a ramp of their own; the first call after a refusal is free to go.
	const byRamp =
		ramp === undefined || (inHurry && !ramp.inHurry)
			? now
			: rampOpensAt(ramp, spell.inFlight, now, doublingTimeMs(state.refusalMs, policy), policy);
	const byMeasure = ramp === undefined || measure === undefined || inHurry ? now : measureOpensAt(measure, now);
	return { at: Math.max(restsUntil, byRamp, byMeasure), by: 'guess' };
}

/** A call that has started: what the gate wants back with its end. */
export interface CallStart {
	readonly startedAt: MonotonicMs;
	readonly spell: number;
}

/** The calls of a spell that were taken, as far as is known. */
export function takenIn({ started, refused }: Spell): number {
	return Math.max(0, started - refused);
}
