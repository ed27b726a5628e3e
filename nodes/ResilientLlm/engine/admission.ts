import type { Permit } from './limits/circuit-breaker';
import type { MonotonicMs } from './clock';
import type { Completion } from './completion';
import type { Failure } from './failure';
import { failureTable } from './failure-table';
import type { CallEnd } from './limits/call-end';
import type { GateClosed, GatePass } from './limits/rate-limit-gates';
import { longestPauseMs, type Turn } from './run';
import { inSeconds } from './timed-call';

/**
 * Permission to call a step, from its rate limit gate and its circuit breaker. Both must be told how the call ended.
 */
export interface Admission {
	readonly kind: 'admitted';
	readonly pass: GatePass;
	readonly permit: Permit;
	/** How long the call waited at the gate, in ms. */
	readonly waitedMs: number;
}

/**
 * The step may not be called: not before `until` (open circuit, or a Retry-After too long to wait for), or not at all
 * because the execution was cancelled.
 */
export type Refusal =
	| { readonly kind: 'refused'; readonly reason: 'circuit_open' | 'rate_limited'; readonly until: MonotonicMs }
	| { readonly kind: 'refused'; readonly reason: 'cancelled' };

/**
 * Waits at the step's rate limit gate. Refused when the circuit is open or opens during the wait. `isAgain`: this is a
 * retry.
 */
export async function admit(turn: Turn, isAgain: boolean): Promise<Admission | Refusal> {
	const { run, step } = turn;
	const askedAt = run.clock.now();
	const pass = await enter(turn, isAgain, () => circuitOpensAt(turn) === undefined);
	if (pass.kind === 'closed') return refusalOf(turn, pass);
	const permit = await run.breakers.admit(step.target, step.attemptTimeoutMs);
	if (permit.kind === 'permit') return { kind: 'admitted', pass, permit, waitedMs: pass.startedAt - askedAt };
	leaveGate(turn, pass, { kind: 'unused' });
	return { kind: 'refused', reason: 'circuit_open', until: permit.reopensAt };
}

/** Waits at the step's rate limit gate and ignores an open circuit: for a task with no other step to call. */
export async function admitAnyway(turn: Turn, isAgain: boolean): Promise<Admission | Refusal> {
	const { run, step } = turn;
	const askedAt = run.clock.now();
	const pass = await enter(turn, isAgain, () => true);
	if (pass.kind === 'closed') return refusalOf(turn, pass);
	return { kind: 'admitted', pass, permit: run.breakers.force(step.target), waitedMs: pass.startedAt - askedAt };
}

async function enter(turn: Turn, isAgain: boolean, isWanted: () => boolean): Promise<GatePass | GateClosed> {
	const { run, step, endsAt } = turn;
	const { execution, cancel } = run.task;
	const timeoutMs = step.attemptTimeoutMs;
	const caller = { execution, isAgain, endsAt, timeoutMs, longestPauseMs: longestPauseMs(turn), isWanted, cancel };
	return await run.gates.enter(step.target, caller);
}

function refusalOf(turn: Turn, { reason, opensAt }: GateClosed): Refusal {
	switch (reason) {
		case 'cancelled':
			return { kind: 'refused', reason: 'cancelled' };
		case 'unwanted':
			return { kind: 'refused', reason: 'circuit_open', until: circuitOpensAt(turn) ?? opensAt };
		case 'limit':
			return { kind: 'refused', reason: 'rate_limited', until: opensAt };
	}
}

function circuitOpensAt({ run, step }: Turn): MonotonicMs | undefined {
	const circuit = run.breakers.stateOf(step.target);
	return circuit.kind === 'open' && run.clock.now() < circuit.reopensAt ? circuit.reopensAt : undefined;
}

/** Why a step was not called, as a message for the user. */
export function refusalWords(refusal: Refusal, now: MonotonicMs): string {
	switch (refusal.reason) {
		case 'cancelled':
			return 'The execution was cancelled';
		case 'circuit_open':
			return `Skipped for ${inSeconds(refusal.until - now)} more after repeated failures`;
		case 'rate_limited':
			return `Skipped because its Retry-After lasts ${inSeconds(refusal.until - now)} more`;
	}
}

/** Returns an admission whose call was not made, so that a waiting call can start instead. */
export function giveBack(turn: Turn, { pass, permit }: Admission): void {
	turn.run.breakers.settle(permit, 'ignored', 0);
	leaveGate(turn, pass, { kind: 'unused' });
}

/**
 * Tells the gate how the call ended. False for a 429 to a call that was already in flight when an earlier 429 arrived:
 * both are the same event, so the second says nothing new about the provider.
 */
export function leaveGate({ run, step }: Turn, pass: GatePass, end: CallEnd): boolean {
	const isNews = run.gates.leave(pass, end);
	run.gates.wake(step.target);
	return isNews;
}

/** What a reply tells the gate about the rate limit. */
export function limitSign(reply: Completion | Failure): CallEnd {
	if (reply.kind === 'completion') return { kind: 'answered' };
	if (reply.reason !== 'rate_limited') return { kind: 'failed' };
	return { kind: 'refused', retryAfterMs: reply.retryAfterMs };
}

/**
 * Reports a call's result to the circuit breaker. `isNews`: what `leaveGate` returned; when false, the failure is not
 * counted.
 */
export function settleCircuit(turn: Turn, permit: Permit, result: Failure | 'success', isNews: boolean): void {
	const { run, step } = turn;
	const retryAfterMs = result === 'success' ? 0 : (result.retryAfterMs ?? 0);
	const effect = result === 'success' ? 'success' : isNews ? failureTable[result.reason].breaker : 'ignored';
	const transition = run.breakers.settle(permit, effect, retryAfterMs);
	const circuit = { provider: step.provider, model: step.settings.model };
	switch (transition.kind) {
		case 'opened':
			run.trail.observe({ event: 'circuit-open', ...circuit, reopensAt: run.clock.wallTime(transition.reopensAt) });
			// Calls that wait at the gate give up now.
			run.gates.wake(step.target);
			break;
		case 'closed':
			run.trail.observe({ event: 'circuit-close', ...circuit });
			break;
		case 'unchanged':
	}
}
