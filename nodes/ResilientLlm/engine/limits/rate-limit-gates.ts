import type { Clock, MonotonicMs } from '../clock';
import { usefulAttemptMs } from '../time-budget';
import { endCall, type CallEnd } from './call-end';
import { startCall, type Entry } from './call-start';
import { createFairQueue, type FairQueue, type Queued } from './fair-queue';
import { defaultGatePolicy } from './gate-policy';
import { newGate, openingOf, type CallStart, type GateState } from './gate-state';

/** Permission to start one call. Must be handed back with `leave`, exactly once, when the call has ended. */
export interface GatePass extends CallStart {
	readonly kind: 'pass';
	readonly target: string;
}

/** No permission. `limit`: the Retry-After is too long for the caller. `unwanted`: its `isWanted` returned false. */
export interface GateClosed {
	readonly kind: 'closed';
	readonly reason: 'limit' | 'unwanted' | 'cancelled';
	/** For `limit`: when the server accepts calls again, by its Retry-After. Otherwise: now. */
	readonly opensAt: MonotonicMs;
}

/** Who asks to start a call, and how long it may be delayed. */
export interface Caller extends Queued {
	/** The call must have ended by then. */
	readonly endsAt: MonotonicMs;
	/** How long the call may take, in ms. */
	readonly timeoutMs: number;
	/** The longest Retry-After that the caller waits for, in ms. */
	readonly longestPauseMs: number;
	/** Whether the call is still wanted; asked whenever the gate looks at its queue. False ends the wait. */
	readonly isWanted: () => boolean;
	readonly cancel: AbortSignal;
}

/** One gate per target, shared by all tasks of the process. */
export interface RateLimitGates {
	/** Gives a pass at once when the gate is open and no call is waiting; otherwise when it is the caller's turn. */
	enter(target: string, caller: Caller): GatePass | GateClosed | Promise<GatePass | GateClosed>;
	/** Ends a call. False for a 429 to a call that was already in flight when an earlier 429 arrived. */
	leave(pass: GatePass, end: CallEnd): boolean;
	/** Checks again which calls may start: a call has ended, or waiting ones are no longer wanted. */
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
	/** The `closedUntil` that all waiting calls were already checked against. */
	toldUntil: MonotonicMs;
	/** Before this time no waiting call is in a hurry (see `hurryMs`). */
	calmUntil: MonotonicMs;
	timer: { readonly at: MonotonicMs; readonly stop: AbortController } | undefined;
}

/** Maximum number of targets in memory: model names may come from item data, so their number is unlimited. */
const maxTargets = 1000;

/**
 * A call is in a hurry, and stops waiting for the learned rate, this long before its last moment to start, in ms, or
 * for this share of its wait if that is shorter. So a 429 to the first of many such calls can still stop the others.
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

	/**
	 * Removes a gate that is not in use. If all are, there is one more than the maximum: waiting calls must not be lost.
	 */
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

	/** Starts the calls that may start, turns away those that must not wait, and schedules the next check. */
	function serve(gate: Gate): void {
		const now = clock.now();
		turnAway(gate, now);
		const opensAt = letIn(gate, now);
		const next = Math.min(opensAt, letInWhoCannotWait(gate, now));
		if (gate.queue.size > 0) lookAgainAt(gate, next, now);
	}

	/** Checks all waiting calls, but only when the Retry-After has changed or the next call is no longer wanted. */
	function turnAway(gate: Gate, now: MonotonicMs): void {
		const { closedUntil } = gate.state;
		const isWanted = gate.queue.next(false)?.isWanted() ?? true;
		if (isWanted && closedUntil === gate.toldUntil) return;
		gate.toldUntil = closedUntil;
		for (const waiter of [...gate.queue]) mayStay(gate, waiter, now);
	}

	/** Turns a call away that is no longer wanted, or for which the Retry-After is too long. True: it may stay. */
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

	/** Starts waiting calls in turn while the gate is open. Returns when to check again. */
	function letIn(gate: Gate, now: MonotonicMs): MonotonicMs {
		for (;;) {
			// The first call after a 429 may well get another one: a task that has not called this step yet can best afford
			// it.
			const waiter = gate.queue.next(gate.state.ramp === undefined);
			if (waiter === undefined) return Number.POSITIVE_INFINITY;
			const opening = openingOf(gate.state, false, now, policy);
			if (opening.at > now) return opening.at;
			if (mayStay(gate, waiter, now)) answer(gate, waiter, start(gate, { waited: true, inHurry: false }, now));
		}
	}

	/**
	 * Starts calls that would otherwise run out of time: a guess may delay a call, but never prevent it. Returns when to
	 * check again.
	 */
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

	/** The latest start that still leaves the call the time it probably needs. */
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

/** `abort()` without a reason creates an error with a stack trace, which is slow. */
const noReason = 'over';

function fits({ endsAt, timeoutMs, longestPauseMs }: Caller, closedUntil: MonotonicMs, now: MonotonicMs): boolean {
	return closedUntil - now <= longestPauseMs && endsAt - closedUntil >= Math.min(timeoutMs, usefulAttemptMs);
}
