import { admit, admitAnyway, giveBack, leaveGate, limitSign, refusalWords, settleCircuit } from './admission';
import type { Admission, Refusal } from './admission';
import { checkAnswer } from './answer-check';
import { backoffMs } from './backoff';
import type { MonotonicMs } from './clock';
import type { Completion } from './completion';
import { isTooLong, mayHold, mostTokensIn } from './context-window';
import { defectWords } from './defect-words';
import { dispositionOf } from './disposition';
import { cancelled, escalated } from './ending';
import { reasonCodeOf, reasonCodeOfFailure } from './escalation-reason';
import type { Failure, FailureReason } from './failure';
import { failureTable } from './failure-table';
import { firstRequest, nextRequest, warningOfChange } from './next-request';
import type { Outcome } from './outcome';
import type { CompletionRequest } from './request';
import { beginRun, beginTurn, isWorthWaiting, passOver, type ChainPorts, type Run, type Turn } from './run';
import { longestBelievedPauseMs } from './retry-after';
import type { Step, Task } from './task';
import { callWithin } from './timed-call';

/**
 * Runs one task: calls the models in order, retries with backoff while that can help, fails over to the next step when
 * it cannot, and escalates to a human when no model could answer. Never throws: failures are part of the outcome.
 */
export async function runChain(task: Task, ports: ChainPorts): Promise<Outcome> {
	const run = beginRun(task, ports);
	try {
		return (await askInOrder(run)) ?? escalated(run, reasonCodeOf(run.trail.attempts), run.trail.draft);
	} catch (error) {
		// A defect in this package must not lose the attempts made so far or fail the other tasks: the task escalates.
		run.trail.warn(`The work on this task broke off: ${defectWords(error)}`);
		return escalated(run, reasonCodeOf(run.trail.attempts), run.trail.draft);
	}
}

/** How a step's turn ended. */
type TurnEnd =
	| {
			readonly kind: 'answered';
			readonly completion: Completion;
			readonly output: unknown;
			readonly truncated: boolean;
	  }
	| { readonly kind: 'failover' | 'escalate' | 'stop'; readonly failure: Failure };

/**
 * Tries each step in turn, retries included, until one ends the task. Undefined: all of them failed or were skipped.
 */
async function askInOrder(run: Run): Promise<Outcome | undefined> {
	const shut: { readonly step: Step; readonly place: number; readonly reopensAt: MonotonicMs }[] = [];
	let tooSmallWindow = 0;
	const most = mostTokensIn(run.task.content);
	let left: { readonly place: number; readonly reason: FailureReason } | undefined;
	for (const [index, step] of run.steps.entries()) {
		const place = index + 1;
		if (!mayHold(step, tooSmallWindow, most)) {
			const window = `Its context window of ${step.settings.contextWindow} tokens`;
			passOver({ run, step, place }, 'context_too_long', `${window} is not larger than one that was too small`);
			continue;
		}
		const later = run.steps.slice(place).filter((candidate) => mayHold(candidate, tooSmallWindow, most));
		const turn = beginTurn(run, step, place, later);
		const admission = await admit(turn, false);
		if (admission.kind === 'refused') {
			noteRefusal(turn, admission);
			if (admission.reason === 'cancelled') return cancelled(run);
			if (admission.reason === 'circuit_open') shut.push({ step, place, reopensAt: admission.until });
			continue;
		}
		if (left !== undefined) {
			run.trail.observe({ event: 'step-failover', fromStep: left.place, toStep: place, reason: left.reason });
		}
		const end = await takeTurn(turn, admission);
		if (end.kind !== 'failover') return outcomeOf(turn, end);
		left = { place, reason: end.failure.reason };
		if (isTooLong(end.failure)) tooSmallWindow = Math.max(tooSmallWindow, step.settings.contextWindow ?? 0);
	}
	const [soonest] = shut.toSorted((one, other) => one.reopensAt - other.reopensAt);
	const wasCalled = run.trail.attempts.some(({ outcome }) => outcome !== 'skipped');
	if (soonest === undefined || wasCalled) return undefined;
	return await askAnyway(beginTurn(run, soonest.step, soonest.place, []));
}

/** Last resort when no step was called: calls the skipped step whose circuit is due for a probe soonest. */
async function askAnyway(turn: Turn): Promise<Outcome | undefined> {
	const admission = await admitAnyway(turn, false);
	if (admission.kind === 'refused') {
		noteRefusal(turn, admission);
		return admission.reason === 'cancelled' ? cancelled(turn.run) : undefined;
	}
	const end = await takeTurn(turn, admission);
	return end.kind === 'failover' ? undefined : outcomeOf(turn, end);
}

function noteRefusal(turn: Turn, refusal: Refusal): void {
	passOver(turn, refusal.reason, refusalWords(refusal, turn.run.clock.now()));
}

/** Calls one step, with retries, until it answers or the failure rules say not to call it again. */
async function takeTurn(turn: Turn, first: Admission): Promise<TurnEnd> {
	const { run, step } = turn;
	const { retryPolicy, rules, cancel } = run.task;
	const retriedFor = new Set<FailureReason>();
	let request = firstRequest(run.task.content, step);
	let admission = first;
	let waitMs = first.waitedMs;
	for (let stepAttempt = 1; ; stepAttempt += 1) {
		const end = await call(turn, { request, admission, stepAttempt, waitMs });
		if (end.kind !== 'failed') return end;
		const { failure } = end;
		// Part of the answer was already streamed and cannot be withdrawn: no second answer may follow it.
		if (run.live?.hasBegun === true) return { kind: 'escalate', failure };

		const history = { calls: stepAttempt, maxAttempts: step.maxAttempts, retriedFor, dropped: request.dropped };
		const disposition = dispositionOf(failure, history, rules);
		if (disposition !== 'retry') return await lastWord(turn, disposition, failure);

		const pauseMs = backoffMs(failure.reason, stepAttempt - 1, retryPolicy, run.random);
		waitMs = Math.max(pauseMs, Math.min(failure.retryAfterMs ?? 0, longestBelievedPauseMs));
		if (!isWorthWaiting(turn, waitMs)) return await lastWord(turn, 'failover', failure);
		await run.clock.wait(waitMs, cancel);
		if (cancel.aborted) return { kind: 'stop', failure };

		const next = await admitAgain(turn, failure);
		if (next.kind === 'refused') {
			return next.reason === 'cancelled' ? { kind: 'stop', failure } : await lastWord(turn, 'failover', failure);
		}
		admission = next;
		waitMs += next.waitedMs;
		retriedFor.add(failure.reason);
		request = nextRequest(request, failure);
		const warning = warningOfChange(failure);
		if (warning !== undefined) run.trail.warn(`${step.label} ${step.settings.model} ${warning}`);
	}
}

/** Asks to retry. After a 429 at the last step left, an open circuit is ignored: rate limits pass by themselves. */
async function admitAgain(turn: Turn, { reason }: Failure): Promise<Admission | Refusal> {
	const isOnlyHope = turn.later.length === 0 && reason === 'rate_limited';
	return isOnlyHope ? await admitAnyway(turn, true) : await admit(turn, true);
}

interface NextCall {
	readonly request: CompletionRequest;
	readonly admission: Admission;
	/** Counts the calls of this step, from 1. */
	readonly stepAttempt: number;
	/** How long this call was delayed, in ms: backoff or Retry-After, plus the wait at the rate limit gate. */
	readonly waitMs: number;
}

type CallResult = TurnEnd | { readonly kind: 'failed'; readonly failure: Failure };

/** Makes one call and checks its answer. */
async function call(turn: Turn, next: NextCall): Promise<CallResult> {
	const { run, step, place } = turn;
	const { clock, task, trail } = run;
	const startedAt = clock.now();
	const limitMs = Math.min(step.attemptTimeoutMs, turn.endsAt - startedAt);
	if (task.cancel.aborted || limitMs <= 0) return notCalled(turn, next.admission);

	const { complete } = step;
	const limits = { limitMs, deadline: task.deadline, cancel: task.cancel };
	const reply = await callWithin({ complete, request: next.request, live: run.live, ...limits }, clock);
	const endedAt = clock.now();
	const isNews = leaveGate(turn, next.admission.pass, limitSign(reply));
	const checked = reply.kind === 'failure' ? reply : await checkAnswer(reply, task);
	const isAccepted = checked.kind === 'accepted';
	settleCircuit(turn, next.admission.permit, isAccepted ? 'success' : checked, isNews);

	const record = { place, stepAttempt: next.stepAttempt, startedAt, endedAt, waitMs: next.waitMs };
	if (isAccepted) {
		trail.answered(step, record, checked.completion);
		return { ...checked, kind: 'answered', truncated: false };
	}
	trail.failed(step, record, checked);
	return { kind: checked.reason === 'cancelled' ? 'stop' : 'failed', failure: checked };
}

function notCalled(turn: Turn, admission: Admission): TurnEnd {
	giveBack(turn, admission);
	const isCancelled = turn.run.task.cancel.aborted;
	const reason = isCancelled ? 'cancelled' : 'deadline_exceeded';
	const message = isCancelled ? 'The execution was cancelled' : 'No time was left to call it';
	passOver(turn, reason, message);
	return { kind: failureTable[reason].then, failure: { kind: 'failure', reason, message } };
}

/** The end of a turn without a further retry. A truncated answer is accepted here if the rules allow it. */
async function lastWord({ run }: Turn, kind: 'failover' | 'escalate' | 'stop', failure: Failure): Promise<TurnEnd> {
	const { reason, draft } = failure;
	if (reason !== 'truncated' || run.task.rules.onTruncated !== 'accept' || draft === undefined)
		return { kind, failure };
	const checked = await checkAnswer({ ...draft, finishReason: 'stop' }, run.task);
	if (checked.kind === 'failure') return { kind, failure };
	run.trail.warn('The answer is cut off: the output limit was reached');
	return { kind: 'answered', completion: draft, output: checked.output, truncated: true };
}

function outcomeOf({ run, place }: Turn, end: Exclude<TurnEnd, { kind: 'failover' }>): Outcome {
	const { attempts, warnings, draft } = run.trail;
	switch (end.kind) {
		case 'answered': {
			const { completion, output, truncated } = end;
			if (run.task.confidence === 'review') return escalated(run, 'human_review_required', completion);
			return { kind: 'answered', completion, output, step: place, truncated, attempts, warnings };
		}
		case 'stop':
			return cancelled(run);
		default:
			return escalated(run, reasonCodeOfFailure(end.failure.reason), draft);
	}
}
