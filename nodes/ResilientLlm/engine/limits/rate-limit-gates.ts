import type { Clock, MonotonicMs } from '../clock';
import { usefulAttemptMs } from '../time-budget';
import { endCall, type CallEnd } from './call-end';
import { startCall, type Entry } from './call-start';
import { createFairQueue, type FairQueue, type Queued } from './fair-queue';
import { defaultGatePolicy } from './gate-policy';
import { newGate, openingOf, type CallStart, type GateState } from './gate-state';

/** Leave to start one call. Handed back when the call has ended, exactly once. */
export interface GatePass extends CallStart {
	readonly kind: 'pass';
	readonly target: string;
}

/** No leave: the server's own word asks for too long a pause (`limit`), or nobody wants to make the call any more. */
export interface GateClosed {
	readonly kind: 'closed';
	readonly reason: 'limit' | 'unwanted' | 'cancelled';
	/** When the server takes calls again, by its own word; now, when that is not the reason. */
	readonly opensAt: MonotonicMs;
}

/** Who asks for leave to call, and how long that may take. */
export interface Caller extends Queued {
	/** The call must have ended by then. */
	readonly endsAt: MonotonicMs;
	/** How long the call may take, in ms. */
	readonly timeoutMs: number;
	/** No pause that the server asks for may be longer, in ms. */
	readonly longestPauseMs: number;
	/** Asked whenever something changes: false ends the wait. */
	readonly isWanted: () => boolean;
	readonly cancel: AbortSignal;
}

/** One gate per target, shared by all tasks of the process. */
export interface RateLimitGates {
	/** Gives a pass at once when the gate is open and nobody waits; otherwise when it is the caller's turn. */
	enter(target: string, caller: Caller): GatePass | GateClosed | Promise<GatePass | GateClosed>;
	/** False for a refusal that could be expected: the call had started before the gate heard of the limit. */
	leave(pass: GatePass, end: CallEnd): boolean;
	/** Looks again at who may go: a call has ended, or nobody wants to wait any more. */
	wake(target: string): void;
}

interface Waiter extends Caller {
	readonly since: MonotonicMs;
	readonly answer: (result: GatePass | GateClosed) => void;
}

interface Gate {
	readonly target: string;
	state: GateState;
	readonly queue: FairQueue<Waiter>;
	/** The server's word that all who wait have been told of. */
	toldUntil: MonotonicMs;
	/** Nobody who waits is in a hurry before this. */
	calmUntil: MonotonicMs;
	timer: { readonly at: MonotonicMs; readonly stop: AbortController } | undefined;
}

/** Targets remembered at most: a model name that comes from item data must not fill the memory. */
const maxTargets = 1000;

/**
 * So long before its last moment, in ms, and at most for this share of its wait, a call stops waiting for the measure.
 * Should there be many such calls, the first of them hears the server's word for all.
 */
const hurryMs = 5000;
const hurryShare = 0.2;

export function createRateLimitGates(clock: Clock, policy = defaultGatePolicy): RateLimitGates {
	const gates = new Map<string, Gate>();

	return {
		enter(target, caller) {
			const gate = gateOf(target);
			const now = clock.now();
			const isOpen = gate.queue.size === 0 && openingOf(gate.state, false, now, policy).at <= now;
			return isOpen ? start(gate, { waited: false, inHurry: false }, now) : waitAt(gate, caller);
		},
		leave(pass, end) {
			const gate = gateOf(pass.target);
			const { state, isNews } = endCall(gate.state, pass, end, clock.now(), policy);
			gate.state = state;
			return isNews;
		},
		wake(target) {
			const gate = gates.get(target);
			if (gate !== undefined && gate.queue.size > 0) serve(gate);
		},
	};

	function gateOf(target: string): Gate {
		const known = gates.get(target);
		if (known !== undefined) return known;
		if (gates.size >= maxTargets) forgetOne();
		const gate: Gate = {
			target,
			state: newGate(clock.now(), policy),
			queue: createFairQueue(),
			toldUntil: Number.NEGATIVE_INFINITY,
			calmUntil: Number.POSITIVE_INFINITY,
			timer: undefined,
		};
		gates.set(target, gate);
		return gate;
	}

	/** One that nobody uses. Without such a one there is one more: whoever waits must not be lost. */
	function forgetOne(): void {
		const idle = [...gates].find(([, gate]) => gate.state.inFlight === 0 && gate.queue.size === 0);
		if (idle !== undefined) gates.delete(idle[0]);
	}

	function start(gate: Gate, entry: Entry, now: MonotonicMs): GatePass {
		const [state, call] = startCall(gate.state, entry, now, policy);
		gate.state = state;
		return { kind: 'pass', target: gate.target, startedAt: call.startedAt, spell: call.spell };
	}

	async function waitAt(gate: Gate, caller: Caller): Promise<GatePass | GateClosed> {
		return await new Promise((resolve) => {
			const now = clock.now();
			const giveUp = () => answer(gate, waiter, { kind: 'closed', reason: 'cancelled', opensAt: clock.now() });
			const waiter: Waiter = {
				...caller,
				since: now,
				answer(result) {
					caller.cancel.removeEventListener('abort', giveUp);
					resolve(result);
				},
			};
			gate.queue.add(waiter);
			if (caller.cancel.aborted) return giveUp();
			caller.cancel.addEventListener('abort', giveUp, { once: true });
			gate.calmUntil = Math.min(gate.calmUntil, hurriesFrom(gate, waiter));
			if (mayStay(gate, waiter, now)) serve(gate);
		});
	}

	function answer(gate: Gate, waiter: Waiter, result: GatePass | GateClosed): void {
		if (result.kind === 'pass') gate.queue.served(waiter);
		else gate.queue.remove(waiter);
		waiter.answer(result);
	}

	/** Lets in whoever may go now, turns away whoever has to, and looks again when that may change. */
	function serve(gate: Gate): void {
		const now = clock.now();
		turnAway(gate, now);
		const opensAt = letIn(gate, now);
		const next = Math.min(opensAt, letInWhoCannotWait(gate, now));
		if (gate.queue.size > 0) lookAgainAt(gate, next, now);
	}

	/** Goes through all who wait only when there is news for all of them. */
	function turnAway(gate: Gate, now: MonotonicMs): void {
		const { closedUntil } = gate.state;
		const isWanted = gate.queue.next(false)?.isWanted() ?? true;
		if (isWanted && closedUntil === gate.toldUntil) return;
		gate.toldUntil = closedUntil;
		for (const waiter of [...gate.queue]) mayStay(gate, waiter, now);
	}

	/** Turns a waiter away whose call nobody wants any more, or for whom the server's pause is too long. */
	function mayStay(gate: Gate, waiter: Waiter, now: MonotonicMs): boolean {
		const { closedUntil } = gate.state;
		if (!waiter.isWanted()) {
			answer(gate, waiter, { kind: 'closed', reason: 'unwanted', opensAt: now });
			return false;
		}
		if (now >= closedUntil || fits(waiter, closedUntil, now)) return true;
		answer(gate, waiter, { kind: 'closed', reason: 'limit', opensAt: closedUntil });
		return false;
	}

	/** In turns. Gives the next time to look. */
	function letIn(gate: Gate, now: MonotonicMs): MonotonicMs {
		for (;;) {
			// After a refusal the next call may well be refused, too: it is made by one who has more calls left.
			const waiter = gate.queue.next(gate.state.ramp === undefined);
			if (waiter === undefined) return Number.POSITIVE_INFINITY;
			const opening = openingOf(gate.state, false, now, policy);
			if (opening.at > now) return opening.at;
			if (mayStay(gate, waiter, now)) answer(gate, waiter, start(gate, { waited: true, inHurry: false }, now));
		}
	}

	/** A guess may delay a call, but never so long that it cannot be made any more. Gives the next time to look. */
	function letInWhoCannotWait(gate: Gate, now: MonotonicMs): MonotonicMs {
		if (now < gate.calmUntil) return gate.calmUntil;
		let next = Number.POSITIVE_INFINITY;
		gate.calmUntil = Number.POSITIVE_INFINITY;
		for (const waiter of [...gate.queue]) {
			const hurriesAt = hurriesFrom(gate, waiter);
			const opensAt = hurriesAt > now ? hurriesAt : openingInHurry(gate, waiter, now);
			if (hurriesAt <= now && opensAt <= now) {
				answer(gate, waiter, start(gate, { waited: true, inHurry: true }, now));
			} else {
				gate.calmUntil = Math.min(gate.calmUntil, hurriesAt);
				next = Math.min(next, opensAt);
			}
		}
		return next;
	}

	function openingInHurry(gate: Gate, waiter: Waiter, now: MonotonicMs): MonotonicMs {
		const { at, by } = openingOf(gate.state, true, now, policy);
		return by === 'word' ? at : Math.min(at, lastMomentOf(gate, waiter));
	}

	function hurriesFrom(gate: Gate, waiter: Waiter): MonotonicMs {
		const lastMoment = lastMomentOf(gate, waiter);
		return lastMoment - Math.min(hurryMs, hurryShare * Math.max(0, lastMoment - waiter.since));
	}

	/** When the call must start, to have the time that it needs as far as can be known. */
	function lastMomentOf({ state }: Gate, { endsAt, timeoutMs }: Waiter): MonotonicMs {
		return endsAt - Math.min(timeoutMs, Math.max(usefulAttemptMs, state.answerMs));
	}

	function lookAgainAt(gate: Gate, at: MonotonicMs, now: MonotonicMs): void {
		if (gate.timer !== undefined && gate.timer.at <= at) return;
		gate.timer?.stop.abort(noReason);
		const timer = { at, stop: new AbortController() };
		gate.timer = timer;
		void clock.wait(Math.max(1, at - now), timer.stop.signal).then(() => {
			if (gate.timer !== timer) return;
			gate.timer = undefined;
			serve(gate);
		});
	}
}

/** Without one, each abort would make an error with a stack. */
const noReason = 'over';

function fits({ endsAt, timeoutMs, longestPauseMs }: Caller, closedUntil: MonotonicMs, now: MonotonicMs): boolean {
	return closedUntil - now <= longestPauseMs && endsAt - closedUntil >= Math.min(timeoutMs, usefulAttemptMs);
}
