import type { Clock, EpochMs } from './clock';

/**
 * How calls to one target are spread. Nobody knows a provider's limit beforehand, so a target begins with few calls at once
 * and gets more while it accepts them. Its first refusal (429 with Retry-After) closes the gate for all, and teaches how many
 * calls it takes in such a time; from then on calls go out in that measure.
 */
export interface RateLimitPolicy {
	/** Calls at once to a target that has not answered yet: the node's default concurrency. */
	readonly firstCalls: number;
	/** Each answer adds one call at once, but within this time they no more than double, in ms: refusals may be on their way. */
	readonly doubleWithinMs: number;
	/** A refusal comes back fast. So the calls at once grow by half whenever this time has passed without one, in ms. */
	readonly growEveryMs: number;
	/** The shortest time that a learned limit counts for, in ms. */
	readonly shortestPeriodMs: number;
	/** Fewer calls than this, in a time not shorter than `learnFromAnyBelowMs`, teach nothing: others may have used the limit up. */
	readonly fewestToLearnFrom: number;
	readonly learnFromAnyBelowMs: number;
	/** Calls go out this much slower than they were taken: on the very edge, a few ms of delay bring the next refusal. */
	readonly margin: number;
	/** A learned limit is tried a tenth higher after this time without a refusal, in ms. */
	readonly raiseEveryMs: number;
	/** A learned limit is forgotten after this time without a refusal, in ms. */
	readonly forgetAfterMs: number;
}

export const defaultRateLimitPolicy: RateLimitPolicy = {
	firstCalls: 5,
	doubleWithinMs: 100,
	growEveryMs: 500,
	shortestPeriodMs: 100,
	fewestToLearnFrom: 3,
	learnFromAnyBelowMs: 1000,
	margin: 0.05,
	raiseEveryMs: 5000,
	forgetAfterMs: 120_000,
};

/** Leave to start one call. Handed back when the call has ended, exactly once. */
export interface GatePass {
	readonly kind: 'pass';
	readonly target: string;
	readonly startedAt: EpochMs;
}

/** The wait for a pass would be longer than the caller has time for. */
export interface GateClosed {
	readonly kind: 'closed';
	readonly opensAt: EpochMs;
}

/** What the end of a call says of the provider's limit. */
export type LimitSign =
	| { readonly kind: 'answered' }
	/** A 429 that says for how long. */
	| { readonly kind: 'refused'; readonly retryAfterMs: number }
	/** Anything else, or the call was not made. */
	| { readonly kind: 'silent' };

/** One gate per target, shared by all tasks of the process. */
export interface RateLimitGates {
	/**
	 * Waits for leave to start a call. `mayWait` is asked before each pause, in ms, whether that is worth it. An aborted
	 * wait gives a pass, too: whoever holds it looks at the signal anyway.
	 */
	enter(target: string, mayWait: (ms: number) => boolean, cancel: AbortSignal): Promise<GatePass | GateClosed> | GatePass;
	/** True for a refusal that teaches nothing: the call went out before the gate closed. */
	leave(pass: GatePass, sign: LimitSign): boolean;
}

interface Start {
	readonly at: EpochMs;
	refused: boolean;
}

type Flow =
	/** As many calls at once as the gate has found to be taken. */
	| { readonly kind: 'free' }
	/** None until then; after that as if the target were new. */
	| { readonly kind: 'pause'; readonly until: EpochMs }
	| Measured;

/** Calls go out at `callsPerPeriod` from `periodStart` on; `reserved` of them are spoken for. */
interface Measured {
	readonly kind: 'measured';
	readonly callsPerPeriod: number;
	readonly periodMs: number;
	readonly periodStart: EpochMs;
	readonly reserved: number;
	readonly raisedAt: EpochMs;
	/** The calls that `callsPerPeriod` was learned from. */
	readonly accepted: ReadonlySet<Start>;
}

interface Gate {
	/** Newest last. */
	starts: Start[];
	inFlight: number;
	callsAtOnce: number;
	/** When calls at once last began to grow, and from what. */
	grownAt: EpochMs;
	grownFrom: number;
	flow: Flow;
	refusedAt: EpochMs;
	/** Those who wait for a call of others to end, first come first. */
	readonly waiting: Set<() => void>;
}

const free: Flow = { kind: 'free' };

/** Targets remembered at most: a model name that comes from item data must not fill the memory. */
const maxTargets = 1000;

/** Starts remembered at most per target. */
const maxStarts = 4000;

export function createRateLimitGates(clock: Clock, policy = defaultRateLimitPolicy): RateLimitGates {
	const gates = new Map<string, Gate>();
	const startOf = new WeakMap<GatePass, Start>();

	return {
		enter(target, mayWait, cancel) {
			const gate = gateOf(target);
			return gate.flow.kind === 'free' && gate.waiting.size === 0 && gate.inFlight < gate.callsAtOnce ? pass(target, gate) : waitFor(target, gate, mayWait, cancel);
		},
		leave(given, sign) {
			const gate = gateOf(given.target);
			gate.inFlight = Math.max(0, gate.inFlight - 1);
			if (sign.kind === 'answered') growByAnswer(gate);
			const isOldNews = sign.kind === 'refused' && refuse(gate, given, sign.retryAfterMs);
			wakeNext(gate);
			return isOldNews;
		},
	};

	function gateOf(target: string): Gate {
		const known = gates.get(target);
		if (known !== undefined) return known;
		if (gates.size >= maxTargets) forgetOne();
		const gate: Gate = { starts: [], inFlight: 0, callsAtOnce: policy.firstCalls, grownAt: clock.now(), grownFrom: policy.firstCalls, flow: free, refusedAt: Number.NEGATIVE_INFINITY, waiting: new Set() };
		gates.set(target, gate);
		return gate;
	}

	function forgetOne(): void {
		const idle = [...gates].find(([, gate]) => gate.inFlight === 0 && gate.waiting.size === 0) ?? [...gates][0];
		if (idle !== undefined) gates.delete(idle[0]);
	}

	function pass(target: string, gate: Gate): GatePass {
		const start: Start = { at: clock.now(), refused: false };
		const given: GatePass = { kind: 'pass', target, startedAt: start.at };
		if (gate.inFlight === 0) growFrom(gate, start.at);
		gate.inFlight += 1;
		gate.starts.push(start);
		if (gate.starts.length > maxStarts) gate.starts = gate.starts.slice(-maxStarts / 2);
		startOf.set(given, start);
		return given;
	}

	async function waitFor(target: string, gate: Gate, mayWait: (ms: number) => boolean, cancel: AbortSignal): Promise<GatePass | GateClosed> {
		for (;;) {
			const now = clock.now();
			refresh(gate, now);
			const { opensAt, reserve } = opening(gate, now);
			if (cancel.aborted || (opensAt <= now && !reserve)) return pass(target, gate);
			if (opensAt > now && !mayWait(opensAt - now)) return { kind: 'closed', opensAt };

			if (gate.flow.kind === 'free') {
				await waitForOthers(gate, opensAt - now, cancel);
				continue;
			}
			const { refusedAt } = gate;
			if (gate.flow.kind === 'measured') gate.flow = { ...gate.flow, reserved: gate.flow.reserved + 1 };
			const isMine = gate.flow.kind === 'measured';
			if (opensAt > now) await clock.wait(opensAt - now, cancel);
			// A refusal meanwhile has moved all openings.
			if (isMine && gate.refusedAt === refusedAt) return pass(target, gate);
		}
	}

	/** Until a call of others has ended, or for this long. */
	async function waitForOthers(gate: Gate, ms: number, cancel: AbortSignal): Promise<void> {
		const done = new AbortController();
		const wake = () => done.abort();
		gate.waiting.add(wake);
		cancel.addEventListener('abort', wake, { once: true });
		await clock.wait(ms, done.signal);
		cancel.removeEventListener('abort', wake);
		gate.waiting.delete(wake);
	}

	function wakeNext(gate: Gate): void {
		let room = gate.flow.kind === 'free' ? gate.callsAtOnce - gate.inFlight : gate.waiting.size;
		for (const wake of gate.waiting) {
			if (room <= 0) return;
			gate.waiting.delete(wake);
			wake();
			room -= 1;
		}
	}

	/** When the next call may start, as far as can be known, and whether that start must be reserved. */
	function opening(gate: Gate, now: EpochMs): { readonly opensAt: EpochMs; readonly reserve: boolean } {
		const { flow } = gate;
		switch (flow.kind) {
			case 'measured':
				return { opensAt: flow.periodStart + Math.floor(flow.reserved / flow.callsPerPeriod) * flow.periodMs, reserve: true };
			case 'pause':
				return { opensAt: flow.until, reserve: false };
			case 'free':
				return { opensAt: gate.inFlight < gate.callsAtOnce ? now : Math.max(now + 1, gate.grownAt + policy.growEveryMs), reserve: false };
		}
	}

	function growByAnswer(gate: Gate): void {
		const now = clock.now();
		if (now - gate.grownAt >= policy.doubleWithinMs) growFrom(gate, now);
		gate.callsAtOnce = Math.min(maxStarts, gate.callsAtOnce + 1, gate.grownFrom * 2);
	}

	function growFrom(gate: Gate, now: EpochMs): void {
		gate.grownAt = now;
		gate.grownFrom = gate.callsAtOnce;
	}

	/** Brings the gate up to now: what time alone changes. */
	function refresh(gate: Gate, now: EpochMs): void {
		const { flow } = gate;
		if (flow.kind === 'pause' && now >= flow.until) gate.flow = free;
		if (flow.kind === 'measured') gate.flow = remeasured(flow, gate.refusedAt, now);
		if (gate.flow.kind !== 'free') return;
		if (flow.kind === 'measured') gate.callsAtOnce = Math.max(policy.firstCalls, flow.callsPerPeriod);
		if (now - gate.grownAt < policy.growEveryMs) return;
		growFrom(gate, now);
		gate.callsAtOnce = Math.min(maxStarts, Math.ceil(gate.callsAtOnce * 1.5));
		wakeNext(gate);
	}

	function remeasured(flow: Measured, refusedAt: EpochMs, now: EpochMs): Flow {
		if (now - refusedAt >= policy.forgetAfterMs + flow.periodMs) return free;
		const passed = Math.floor((now - flow.periodStart) / flow.periodMs);
		if (passed < 1) return flow;
		const reserved = Math.max(0, flow.reserved - passed * flow.callsPerPeriod);
		const mayRaise = now - flow.raisedAt >= policy.raiseEveryMs;
		return {
			...flow,
			reserved,
			// Nobody waits, so the next period may begin with the next call.
			periodStart: reserved === 0 ? now : flow.periodStart + passed * flow.periodMs,
			...(mayRaise && { raisedAt: now, callsPerPeriod: flow.callsPerPeriod + Math.max(1, Math.floor(flow.callsPerPeriod / 10)) }),
		};
	}

	/** Closes the gate, unless the call went out before it was closed. */
	function refuse(gate: Gate, given: GatePass, retryAfterMs: number): boolean {
		const now = clock.now();
		const until = now + retryAfterMs;
		const start = startOf.get(given);
		if (start !== undefined) start.refused = true;
		if (given.startedAt <= gate.refusedAt) {
			gate.flow = correctedBy(gate.flow, start, until);
			return true;
		}
		gate.refusedAt = now;
		const learnedFromMs = Math.max(policy.shortestPeriodMs, retryAfterMs);
		// Calls that went out later and are still under way will be refused as well; earlier ones were taken.
		const earlier = start === undefined ? [] : gate.starts.slice(0, gate.starts.indexOf(start));
		const accepted = new Set(earlier.filter(({ at, refused }) => !refused && at > given.startedAt - learnedFromMs));
		gate.callsAtOnce = Math.max(1, accepted.size);
		growFrom(gate, until);
		const teaches = accepted.size >= policy.fewestToLearnFrom || learnedFromMs < policy.learnFromAnyBelowMs;
		const periodMs = learnedFromMs * (1 + policy.margin);
		gate.flow = teaches ? { kind: 'measured', callsPerPeriod: gate.callsAtOnce, periodMs, periodStart: until, reserved: 0, raisedAt: now, accepted } : { kind: 'pause', until };
		return false;
	}
}

/** A late refusal may ask for a longer pause, and shows that a call thought to be taken was not. */
function correctedBy(flow: Flow, start: Start | undefined, until: EpochMs): Flow {
	switch (flow.kind) {
		case 'free':
			return flow;
		case 'pause':
			return { kind: 'pause', until: Math.max(flow.until, until) };
		case 'measured': {
			const wasCounted = start !== undefined && flow.accepted.has(start);
			return {
				...flow,
				...(wasCounted && { callsPerPeriod: Math.max(1, flow.callsPerPeriod - 1) }),
				...(flow.reserved === 0 && { periodStart: Math.max(flow.periodStart, until) }),
			};
		}
	}
}
