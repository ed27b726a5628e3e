import type { Clock, MonotonicMs } from '../clock';
import type { BreakerEffect } from '../failure-table';
import { longestBelievedPauseMs } from '../retry-after';

/** When a circuit opens, and for how long. */
export interface CircuitBreakerPolicy {
	/** Service failures in a row that open the circuit. */
	readonly consecutiveFailures: number;
	/** Share of failed calls in the window that opens it, once the window holds `minimumCalls` calls. */
	readonly failureShare: number;
	readonly minimumCalls: number;
	/** Length of the sliding window, in ms. It moves in steps of a twelfth. */
	readonly windowMs: number;
	/** How long the circuit stays open the first time, in ms; doubles each time a probe fails. */
	readonly openMs: number;
	/** The longest it stays open, in ms, unless the server's Retry-After asks for more. */
	readonly maxOpenMs: number;
	/** The longest it stays open for a Retry-After, in ms. */
	readonly maxRetryAfterMs: number;
}

export const defaultCircuitBreakerPolicy: CircuitBreakerPolicy = {
	consecutiveFailures: 5,
	failureShare: 0.5,
	minimumCalls: 10,
	windowMs: 60_000,
	openMs: 30_000,
	maxOpenMs: 300_000,
	maxRetryAfterMs: longestBelievedPauseMs,
};

interface Bucket {
	/** Number of the window slice, counted from time 0 of the clock. */
	readonly slice: number;
	readonly calls: number;
	readonly failures: number;
}

export type CircuitState =
	| { readonly kind: 'closed'; readonly failuresInARow: number; readonly buckets: readonly Bucket[] }
	/** `openings`: how often it opened in a row, without closing in between. */
	| { readonly kind: 'open'; readonly reopensAt: MonotonicMs; readonly openings: number }
	/** One probe call is in flight. If it never reports back, the next probe is allowed at `probeUntil`. */
	| { readonly kind: 'halfOpen'; readonly probeUntil: MonotonicMs; readonly openings: number };

export const closedCircuit: CircuitState = { kind: 'closed', failuresInARow: 0, buckets: [] };

/** A call's result as it affects the breaker: a success, or the effect that the failure table gives its failure. */
export type CallResult = 'success' | BreakerEffect;

const slicesPerWindow = 12;

export type AdmissionState =
	| { readonly kind: 'admitted'; readonly state: CircuitState; readonly probe: boolean }
	| { readonly kind: 'rejected'; readonly reopensAt: MonotonicMs };

/**
 * Whether a call may start now. When the open time is over, one probe call is let through, and the circuit is half-open
 * for at most `probeMs` ms, until the probe has reported back.
 */
export function admitCall(state: CircuitState, now: MonotonicMs, probeMs: number): AdmissionState {
	switch (state.kind) {
		case 'closed':
			return { kind: 'admitted', state, probe: false };
		case 'open':
			return now < state.reopensAt ? { kind: 'rejected', reopensAt: state.reopensAt } : probing(state.openings);
		case 'halfOpen':
			return now < state.probeUntil ? { kind: 'rejected', reopensAt: now } : probing(state.openings);
	}

	function probing(openings: number): AdmissionState {
		return { kind: 'admitted', probe: true, state: { kind: 'halfOpen', probeUntil: now + probeMs, openings } };
	}
}

/**
 * The state after a call ended. While the circuit is open, an earlier call's failure can only lengthen the open time.
 */
export function settleCall(
	state: CircuitState,
	call: { readonly probe: boolean; readonly result: CallResult; readonly retryAfterMs: number },
	now: MonotonicMs,
	policy: CircuitBreakerPolicy,
): CircuitState {
	const failed = call.result === 'counts' || call.result === 'opens';
	const retryAfterMs = Math.min(call.retryAfterMs, policy.maxRetryAfterMs);
	switch (state.kind) {
		case 'closed':
			if (call.result === 'ignored') return state;
			return afterCallWhileClosed(state, call.result, retryAfterMs, now, policy);
		case 'open':
			if (call.probe && call.result === 'success') return closedCircuit;
			return failed ? { ...state, reopensAt: Math.max(state.reopensAt, now + retryAfterMs) } : state;
		case 'halfOpen':
			if (!call.probe) return state;
			if (call.result === 'success') return closedCircuit;
			return failed ? opened(state.openings + 1, retryAfterMs, now, policy) : { ...state, probeUntil: now };
	}
}

function afterCallWhileClosed(
	state: Extract<CircuitState, { kind: 'closed' }>,
	result: Exclude<CallResult, 'ignored'>,
	retryAfterMs: number,
	now: MonotonicMs,
	policy: CircuitBreakerPolicy,
): CircuitState {
	if (result === 'opens') return opened(1, retryAfterMs, now, policy);
	const failure = result === 'counts' ? 1 : 0;
	const failuresInARow = failure === 1 ? state.failuresInARow + 1 : 0;
	const buckets = countIn(state.buckets, failure, now, policy);
	const calls = buckets.reduce((sum, bucket) => sum + bucket.calls, 0);
	const failures = buckets.reduce((sum, bucket) => sum + bucket.failures, 0);
	const tooMany = calls >= policy.minimumCalls && failures / calls >= policy.failureShare;
	if (failure === 1 && (failuresInARow >= policy.consecutiveFailures || tooMany)) {
		return opened(1, retryAfterMs, now, policy);
	}
	return { kind: 'closed', failuresInARow, buckets };
}

function countIn(
	buckets: readonly Bucket[],
	failure: 0 | 1,
	now: MonotonicMs,
	policy: CircuitBreakerPolicy,
): readonly Bucket[] {
	const slice = Math.floor(now / (policy.windowMs / slicesPerWindow));
	const recent = buckets.filter((bucket) => bucket.slice > slice - slicesPerWindow);
	const last = recent.at(-1);
	return last?.slice === slice
		? [...recent.slice(0, -1), { slice, calls: last.calls + 1, failures: last.failures + failure }]
		: [...recent, { slice, calls: 1, failures: failure }];
}

function opened(openings: number, retryAfterMs: number, now: MonotonicMs, policy: CircuitBreakerPolicy): CircuitState {
	const openMs = Math.min(policy.maxOpenMs, policy.openMs * 2 ** (openings - 1));
	return { kind: 'open', reopensAt: now + Math.max(openMs, retryAfterMs), openings };
}

/** Permission to make one call. Must be settled with the call's result exactly once. */
export interface Permit {
	readonly kind: 'permit';
	readonly target: string;
	readonly probe: boolean;
}

export interface Rejection {
	readonly kind: 'rejected';
	readonly reopensAt: MonotonicMs;
}

export type Transition =
	| { readonly kind: 'opened'; readonly reopensAt: MonotonicMs }
	| { readonly kind: 'closed' }
	| { readonly kind: 'unchanged' };

/** One circuit breaker per target, shared by all tasks. */
export interface CircuitBreakers {
	/** `probeMs`: how long the call may take, in ms, if it is the probe of a half-open circuit. */
	admit(target: string, probeMs: number): Permit | Rejection | Promise<Permit | Rejection>;
	/** A permit in spite of an open circuit, for a task with no other step to call. The call counts as a probe. */
	force(target: string): Permit;
	/** `retryAfterMs`: the pause the server asked for, in ms; 0: none. */
	settle(permit: Permit, result: CallResult, retryAfterMs: number): Transition;
	/** The circuit's state as far as this process knows it. */
	stateOf(target: string): CircuitState;
}

/** Maximum number of targets in memory: model names may come from item data, so their number is unlimited. */
const maxTargets = 1000;

/** Breakers that answer synchronously, from this process's own memory. */
export interface LocalCircuitBreakers extends CircuitBreakers {
	admit(target: string, probeMs: number): Permit | Rejection;
	/** Replaces a circuit's state with the one that another process has shared. */
	adopt(target: string, state: CircuitState): void;
}

/** Breakers that live in this process. */
export function createCircuitBreakers(
	clock: Pick<Clock, 'now'>,
	policy = defaultCircuitBreakerPolicy,
): LocalCircuitBreakers {
	const states = new Map<string, CircuitState>();

	return {
		admit(target, probeMs) {
			const admission = admitCall(stateOf(target), clock.now(), probeMs);
			if (admission.kind === 'rejected') return admission;
			keep(target, admission.state);
			return { kind: 'permit', target, probe: admission.probe };
		},
		force(target) {
			return { kind: 'permit', target, probe: true };
		},
		settle(permit, result, retryAfterMs) {
			const before = stateOf(permit.target);
			const after = settleCall(before, { probe: permit.probe, result, retryAfterMs }, clock.now(), policy);
			keep(permit.target, after);
			if (after.kind === 'open' && before.kind !== 'open') return { kind: 'opened', reopensAt: after.reopensAt };
			return after.kind === 'closed' && before.kind !== 'closed' ? { kind: 'closed' } : { kind: 'unchanged' };
		},
		stateOf,
		adopt: keep,
	};

	function stateOf(target: string): CircuitState {
		return states.get(target) ?? closedCircuit;
	}

	function keep(target: string, state: CircuitState): void {
		if (!states.has(target) && states.size >= maxTargets) forgetOne();
		states.set(target, state);
	}

	function forgetOne(): void {
		const idle = [...states].find(([, state]) => state.kind === 'closed') ?? [...states][0];
		if (idle !== undefined) states.delete(idle[0]);
	}
}
