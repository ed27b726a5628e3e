import { checkAnswer, type Verdict } from './answer-check';
import { backoffMs } from './backoff';
import type { CircuitBreakers, Permit } from './circuit-breaker';
import type { Clock, EpochMs, Random } from './clock';
import type { Completion } from './completion';
import { defectWords } from './defect-words';
import { dispositionOf } from './disposition';
import { explain, reasonCodeOf, reasonCodeOfFailure } from './escalation-reason';
import type { Failure, FailureReason } from './failure';
import { failureTable } from './failure-table';
import { nextRequest } from './next-request';
import type { ChainEvent, Outcome, ReasonCode } from './outcome';
import type { GatePass, LimitSign, RateLimitGates } from './rate-limit-gate';
import type { CompletionRequest } from './request';
import type { Step, Task } from './task';
import { stepBudgetMs, worthRetrying } from './time-budget';
import { callWithin, inSeconds } from './timed-call';
import { createTrail, type Trail } from './trail';

/** What the chain needs from its host. */
export interface ChainPorts {
	readonly clock: Clock;
	readonly random: Random;
	readonly breakers: CircuitBreakers;
	readonly gates: RateLimitGates;
	/** Told of every event as it happens. What it throws is ignored. */
	readonly observe: (event: ChainEvent) => void;
}

interface Run extends ChainPorts {
	readonly task: Task;
	readonly steps: readonly Step[];
	readonly trail: Trail;
	/** Steps passed over because their circuit was open. */
	readonly rejected: { readonly step: Step; readonly place: number; readonly reopensAt: EpochMs }[];
}

/**
 * Leave to call a step, from its rate limit's gate and from its circuit breaker. Handed back when the call has ended.
 */
interface Admission {
	readonly kind: 'admitted';
	readonly pass: GatePass;
	readonly permit: Permit;
	/** How long the gate kept it waiting, in ms. */
	readonly waitedMs: number;
}

interface Refusal {
	readonly kind: 'refused';
	readonly reason: 'circuit_open' | 'rate_limited';
	readonly until: EpochMs;
}

/** How the visit of one step ended. */
type Visit =
	| { readonly kind: 'answered'; readonly completion: Completion; readonly output: unknown; readonly truncated: boolean }
	| { readonly kind: 'failover' | 'escalate' | 'stop'; readonly failure: Failure };

/**
 * Runs one task: tries the steps in order, each with its own retries, until one answers or none is left for a human.
 * Each step is visited at most once. Failures are part of the outcome; nothing is thrown for them.
 */
export async function runChain(task: Task, ports: ChainPorts): Promise<Outcome> {
	const trail = createTrail(ports.observe);
	const steps = task.confidence === 'high' ? task.steps.slice(0, 1) : task.steps;
	const run: Run = { ...ports, task, steps, trail, rejected: [] };
	try {
		const outcome = (await tryStepsInOrder(run)) ?? (await trySoonestToReopen(run));
		return outcome ?? escalated(run, reasonCodeOf(trail.attempts));
	} catch (error) {
		// Whatever broke must cost neither the calls that were made nor the other tasks of the execution.
		trail.warn(`The work on this task broke off: ${defectWords(error)}`);
		return escalated(run, reasonCodeOf(trail.attempts));
	}
}

async function tryStepsInOrder(run: Run): Promise<Outcome | undefined> {
	let tooSmallWindow = 0;
	let leaving: { readonly place: number; readonly reason: FailureReason } | undefined;
	for (const [index, step] of run.steps.entries()) {
		const place = index + 1;
		if (!mayHold(step, tooSmallWindow)) {
			skip(run, step, place, 'context_too_long', `Its context window of ${step.settings.contextWindow} tokens is not larger than one that was too small`);
			continue;
		}
		const later = run.steps.slice(place).filter((candidate) => mayHold(candidate, tooSmallWindow));
		const endsAt = run.clock.now() + budgetMs(run, step, later);
		const admission = await admit(run, step, later, endsAt);
		if (admission.kind === 'refused') {
			if (admission.reason === 'circuit_open') run.rejected.push({ step, place, reopensAt: admission.until });
			skip(run, step, place, admission.reason, refusalWords(admission, run.clock.now()));
			continue;
		}
		if (leaving !== undefined) {
			run.trail.observe({ event: 'step-failover', fromStep: leaving.place, toStep: place, reason: leaving.reason });
		}
		const visit = await visitStep(run, step, place, later, endsAt, admission);
		if (visit.kind !== 'failover') return ended(run, visit, place);
		leaving = { place, reason: visit.failure.reason };
		if (isTooLong(visit.failure)) tooSmallWindow = Math.max(tooSmallWindow, step.settings.contextWindow ?? 0);
	}
	return undefined;
}

/** When no step could be called because every circuit is open, the one that reopens soonest is the task's only hope. */
async function trySoonestToReopen(run: Run): Promise<Outcome | undefined> {
	const { attempts } = run.trail;
	const [soonest] = run.rejected.toSorted((left, right) => left.reopensAt - right.reopensAt);
	if (soonest === undefined || attempts.some(({ outcome }) => outcome !== 'skipped')) return undefined;
	const { step, place } = soonest;
	const endsAt = run.clock.now() + budgetMs(run, step, []);
	const pass = await run.gates.enter(step.target, (ms) => mayWait(run, step, [], ms, endsAt), run.task.cancel);
	if (pass.kind === 'closed') return undefined;
	const visit = await visitStep(run, step, place, [], endsAt, { kind: 'admitted', pass, permit: run.breakers.force(step.target), waitedMs: 0 });
	return visit.kind === 'failover' ? undefined : ended(run, visit, place);
}

/** Calls one step until it answers or its retries are used up. */
async function visitStep(run: Run, step: Step, place: number, later: readonly Step[], endsAt: EpochMs, first: Admission): Promise<Visit> {
	const retriedFor = new Set<FailureReason>();
	let request: CompletionRequest = { content: run.task.content, settings: step.settings, dropped: [] };
	let admission = first;
	let { waitedMs: waitMs } = first;
	for (let stepAttempt = 1; ; stepAttempt += 1) {
		const { visit, failure } = await attemptOnce(run, step, place, { request, admission, stepAttempt, waitMs, endsAt });
		if (visit !== undefined) return visit;

		const disposition = dispositionOf(failure, { calls: stepAttempt, maxAttempts: step.maxAttempts, retriedFor, dropped: request.dropped }, run.task.rules);
		if (disposition !== 'retry') return await gaveUp(run, disposition, failure);

		waitMs = Math.max(backoffMs(failure.reason, stepAttempt - 1, run.task.retryPolicy, run.random), failure.retryAfterMs ?? 0);
		if (!mayWait(run, step, later, waitMs, endsAt)) return await gaveUp(run, 'failover', failure);
		await run.clock.wait(waitMs, run.task.cancel);
		if (run.task.cancel.aborted) return { kind: 'stop', failure };

		const next = await admit(run, step, later, endsAt);
		if (next.kind === 'refused') return await gaveUp(run, 'failover', failure);
		admission = next;
		waitMs += next.waitedMs;
		retriedFor.add(failure.reason);
		request = nextRequest(request, failure);
		if (failure.reason === 'unsupported_parameter' && failure.parameter !== undefined) {
			run.trail.warn(`${step.label} ${step.settings.model} does not take ${parameterNames[failure.parameter]}; it was left out`);
		}
	}
}

const parameterNames = {
	temperature: 'a temperature',
	reasoningEffort: 'a reasoning effort',
	maxOutputTokens: 'the output limit under the name it was sent',
	outputFormat: 'an output format; JSON was asked for in words',
} as const;

interface NextCall {
	readonly request: CompletionRequest;
	readonly admission: Admission;
	readonly stepAttempt: number;
	readonly waitMs: number;
	/** When the step's share of the task's time is over. */
	readonly endsAt: EpochMs;
}

type AttemptEnd =
	| { readonly visit: Visit; readonly failure?: never }
	| { readonly visit?: never; readonly failure: Failure };

async function attemptOnce(run: Run, step: Step, place: number, next: NextCall): Promise<AttemptEnd> {
	const { clock, task, trail } = run;
	const startedAt = clock.now();
	const limitMs = Math.min(step.attemptTimeoutMs, next.endsAt - startedAt);
	if (task.cancel.aborted || limitMs <= 0) {
		settle(run, step, next.admission, undefined);
		const reason = task.cancel.aborted ? 'cancelled' : 'deadline_exceeded';
		const message = task.cancel.aborted ? 'The execution was cancelled' : 'No time was left to call it';
		skip(run, step, place, reason, message);
		return { visit: { kind: failureTable[reason].then, failure: { kind: 'failure', reason, message } } };
	}

	const reply = await callWithin(step.complete, next.request, limitMs, clock, task.cancel);
	const call = { place, stepAttempt: next.stepAttempt, startedAt, endedAt: clock.now(), waitMs: next.waitMs };
	const verdict = reply.kind === 'failure' ? reply : await check(task, reply);
	settle(run, step, next.admission, verdict.kind === 'failure' ? verdict : 'success');
	if (verdict.kind === 'accepted') {
		trail.answered(step, call, verdict.completion);
		return { visit: { ...verdict, kind: 'answered', truncated: false } };
	}
	trail.failed(step, call, verdict);
	return verdict.reason === 'cancelled' ? { visit: { kind: 'stop', failure: verdict } } : { failure: verdict };
}

async function check({ content, schemaProblems, cancel }: Task, completion: Completion): Promise<Verdict> {
	return await checkAnswer(completion, content.output, schemaProblems, cancel);
}

/** The last word of a step: a cut answer may still be what the user accepts. */
async function gaveUp(run: Run, kind: 'failover' | 'escalate' | 'stop', failure: Failure): Promise<Visit> {
	if (failure.reason !== 'truncated' || run.task.rules.onTruncated !== 'accept' || failure.draft === undefined) return { kind, failure };
	const verdict = await check(run.task, { ...failure.draft, finishReason: 'stop' });
	if (verdict.kind === 'failure') return { kind, failure };
	run.trail.warn('The answer is cut off: the output limit was reached');
	return { kind: 'answered', completion: failure.draft, output: verdict.output, truncated: true };
}

function ended(run: Run, visit: Exclude<Visit, { kind: 'failover' }>, place: number): Outcome {
	const { attempts, warnings } = run.trail;
	switch (visit.kind) {
		case 'answered':
			if (run.task.confidence === 'review') return escalated(run, 'human_review_required', visit.completion);
			return { kind: 'answered', completion: visit.completion, output: visit.output, step: place, truncated: visit.truncated, attempts, warnings };
		case 'stop':
			return { kind: 'cancelled', attempts, warnings };
		default:
			return escalated(run, reasonCodeOfFailure(visit.failure.reason));
	}
}

function escalated(run: Run, code: ReasonCode, answer?: Completion): Outcome {
	const { attempts, warnings } = run.trail;
	const draft = answer ?? run.trail.draft;
	const reasonCode = namedByRule(run, code);
	return {
		kind: 'escalated',
		reasonCode,
		reason: explain(reasonCode, attempts, run.task.steps),
		attempts,
		warnings,
		...(draft !== undefined && { draft }),
	};
}

function namedByRule({ task, clock }: Run, code: ReasonCode): ReasonCode {
	if (code === 'human_review_required') return code;
	if (clock.now() >= task.deadline) return 'deadline_exceeded';
	return task.confidence === 'high' ? 'high_confidence_required' : code;
}

/** Waits for the step's rate limit as long as that is worth it, but never while its circuit is open. */
async function admit(run: Run, step: Step, later: readonly Step[], endsAt: EpochMs): Promise<Admission | Refusal> {
	const { breakers, gates, clock, task } = run;
	const askedAt = clock.now();
	const pass = await gates.enter(
		step.target,
		(ms) => breakers.stateOf(step.target).kind !== 'open' && mayWait(run, step, later, ms, endsAt, clock.now() - askedAt + ms),
		task.cancel,
	);
	if (pass.kind === 'closed') {
		const circuit = breakers.stateOf(step.target);
		return circuit.kind === 'open' ? { kind: 'refused', reason: 'circuit_open', until: circuit.reopensAt } : { kind: 'refused', reason: 'rate_limited', until: pass.opensAt };
	}
	const permit = await breakers.admit(step.target, step.attemptTimeoutMs);
	if (permit.kind === 'permit') return { kind: 'admitted', pass, permit, waitedMs: pass.startedAt - askedAt };
	gates.leave(pass, { kind: 'silent' });
	return { kind: 'refused', reason: 'circuit_open', until: permit.reopensAt };
}

function refusalWords({ reason, until }: Refusal, now: EpochMs): string {
	return reason === 'circuit_open' ? `Skipped for ${inSeconds(until - now)} more after repeated failures` : `Skipped because its rate limit lasts ${inSeconds(until - now)} more`;
}

function settle(run: Run, step: Step, { pass, permit }: Admission, result: Failure | 'success' | undefined): void {
	const retryAfterMs = typeof result === 'object' ? (result.retryAfterMs ?? 0) : 0;
	// Calls that were under way when the gate closed say nothing new of the provider's health.
	const isOldNews = run.gates.leave(pass, limitSign(result));
	const effect = result === 'success' ? 'success' : result === undefined || isOldNews ? 'ignored' : failureTable[result.reason].breaker;
	const transition = run.breakers.settle(permit, effect, retryAfterMs);
	const circuit = { provider: step.provider, model: step.settings.model };
	if (transition.kind === 'opened') run.trail.observe({ event: 'circuit-open', ...circuit, reopensAt: transition.reopensAt });
	if (transition.kind === 'closed') run.trail.observe({ event: 'circuit-close', ...circuit });
}

function limitSign(result: Failure | 'success' | undefined): LimitSign {
	if (result === 'success') return { kind: 'answered' };
	const isRefused = result?.reason === 'rate_limited' && result.retryAfterMs !== undefined;
	return isRefused ? { kind: 'refused', retryAfterMs: result.retryAfterMs ?? 0 } : { kind: 'silent' };
}

/** A server that asks for a longer pause than the policy's own is left to the next step, while there is one. */
function mayWait(run: Run, step: Step, later: readonly Step[], waitMs: number, endsAt: EpochMs, inAllMs = waitMs): boolean {
	if (later.length > 0 && inAllMs > run.task.retryPolicy.maxDelayMs) return false;
	return worthRetrying(endsAt - run.clock.now(), waitMs, step.attemptTimeoutMs);
}

function budgetMs({ task, clock }: Run, step: Step, later: readonly Step[]): number {
	return stepBudgetMs(task.deadline - clock.now(), step.attemptTimeoutMs, later.map(({ attemptTimeoutMs }) => attemptTimeoutMs));
}

function skip({ trail, clock }: Run, step: Step, place: number, reason: FailureReason, message: string): void {
	trail.skipped(step, place, clock.now(), reason, message);
}

function mayHold({ settings }: Step, tooSmallWindow: number): boolean {
	return tooSmallWindow === 0 || settings.contextWindow === undefined || settings.contextWindow > tooSmallWindow;
}

function isTooLong({ reason }: Failure): boolean {
	return reason === 'context_too_long' || reason === 'request_too_large';
}
