import { randomUUID } from 'node:crypto';

import type { EpochMs } from '../engine/clock';
import type { Usage } from '../engine/completion';
import { extraCostOf, ledgerEntries } from '../engine/ledger';
import { runOnce } from '../engine/once';
import type { Keepsakes } from '../engine/once-task';
import type { Outcome } from '../engine/outcome';
import type { OwedWrites } from '../engine/owed-writes';
import type { TaskContent } from '../engine/request';
import { answerOf, persistentAnswerOf, type StoreAnswer } from '../engine/store-answer';
import type { Answer, Escalation, FinishedRecord, RunSummary, TaskIdentity, TaskStore } from '../engine/task-store';
import { totalCostUsd } from '../engine/trail';
import { systemClock } from '../host/clock';
import type { ResolvedReview } from '../review/human-answer';
import { decodeReviewPayload, encodeReviewPayload } from '../review/review-payload';
import { createReviewToken, hashReviewToken, reviewLink } from '../review/token';
import { answerFactsOf, decodeAnswer, encodeAnswer, type AnswerFacts } from './answer-facts';
import type { EscalationFacts } from './escalate-item';
import type { StepParameters } from './generate-parameters';
import { InvalidInput } from './invalid-input';
import type { TaskParameters } from './task-parameters';

/** How a task ended, whether this run did it or an earlier one. */
export type TaskEnd =
	| { readonly kind: 'answered'; readonly answer: AnswerFacts; readonly replayed: boolean }
	/** A human decided about it before. */
	| { readonly kind: 'decided'; readonly review: ResolvedReview }
	| { readonly kind: 'escalated'; readonly escalation: EscalationFacts; readonly replayed: boolean }
	| { readonly kind: 'cancelled' };

export interface RememberedTask {
	readonly identity: TaskIdentity;
	readonly parameters: TaskParameters;
	readonly content: TaskContent;
	readonly steps: readonly StepParameters[];
	/** The input item's data, for the human. */
	readonly context: unknown;
	readonly includeInput: boolean;
	readonly startedAt: EpochMs;
	readonly deadline: EpochMs;
	readonly cancel: AbortSignal;
	readonly run: () => Promise<Outcome>;
	/** USD that the first step's model would ask for these tokens; null: unknown. */
	readonly firstStepPrice: (usage: Usage) => number | null;
}

export interface RememberedEnd {
	readonly end: TaskEnd;
	/** What the store could not do, in words. */
	readonly warnings: readonly string[];
}

/** How long an undecided review, or a decided one's content, is kept, in ms, counted from its due time where it has one. */
const reviewRetentionMs = 30 * 24 * 3_600_000;

/** A store, and what this process has not got stored there yet. */
export interface RememberingStore {
	readonly tasks: TaskStore;
	readonly owed: OwedWrites;
}

/** Runs a task and keeps what it leaves: nothing, its numbers and reviews, or everything that makes it run only once. */
export async function runRemembered(task: RememberedTask, store: RememberingStore | undefined): Promise<RememberedEnd> {
	const { memory } = task.parameters;
	if (store === undefined || memory.kind === 'none') {
		return { end: endOf(await task.run(), task, undefined), warnings: [] };
	}
	return memory.once ? await runOnlyOnce(task, store) : await runAndNote(task, store);
}

async function runAndNote(task: RememberedTask, store: RememberingStore): Promise<RememberedEnd> {
	const outcome = await task.run();
	const token = createReviewToken();
	const noted = await noteRun(task, outcome, token, store);
	if (noted.kind === 'done') return { end: endOf(outcome, task, token), warnings: [] };
	const warning = `The task store could not keep a record of this task: ${noted.message}`;
	return { end: endOf(outcome, task, undefined), warnings: [warning] };
}

/** How long a review that could not be noted is offered again in the background, in ms. */
const noteOwedForMs = 5 * 60_000;

async function noteRun(
	task: RememberedTask,
	outcome: Outcome,
	token: string,
	{ tasks, owed }: RememberingStore,
): Promise<StoreAnswer<void>> {
	const keep = keepsakesOf(task, token);
	const { identity, cancel } = task;
	switch (outcome.kind) {
		case 'answered':
			// Nobody will ask for the answer again, so only its numbers are kept, and they are worth one try.
			return await answerOf(async () => {
				await tasks.note(identity, { kind: 'answered', ...keep.numbers(outcome), payload: null });
			});
		case 'escalated': {
			let review: Escalation | undefined;
			const note = async () => {
				review ??= keep.escalation(outcome);
				await tasks.note(identity, { kind: 'escalated', ...review });
			};
			const noted = await persistentAnswerOf(note, systemClock, cancel);
			if (noted.kind === 'failed') owed.owe(identity.key, note, systemClock.now() + noteOwedForMs);
			return noted;
		}
		case 'cancelled':
			// Cancelling stops at once: nobody waits for this, or hears of it when it fails.
			void answerOf(async () => await tasks.addToLedger(keep.calls(outcome)));
			return { kind: 'done', value: undefined };
	}
}

async function runOnlyOnce(task: RememberedTask, { tasks, owed }: RememberingStore): Promise<RememberedEnd> {
	const token = createReviewToken();
	const { identity, deadline, cancel, run } = task;
	const result = await runOnce(
		{ identity, deadline, cancel, run, keepsakes: keepsakesOf(task, token) },
		{ store: tasks, owed, clock: systemClock, newOwner: randomUUID },
	);
	switch (result.kind) {
		case 'ran':
			// Where nothing was stored, a link would lead nowhere.
			return { end: endOf(result.outcome, task, result.isStored ? token : undefined), warnings: result.warnings };
		case 'finished':
			return await replay(task, result.record, token, tasks, result.warnings);
		case 'inProgress':
			return { end: await stillInProgress(task, result.until, tasks), warnings: [] };
		case 'cancelled':
			return { end: { kind: 'cancelled' }, warnings: [] };
		case 'mismatch':
			throw new InvalidInput(
				`The task ID "${identity.taskId}" was used before with another input`,
				'Give each task an ID of its own: the same ID means the same prompt, system message, schema and files. No model was called.',
			);
		case 'storeFailed':
			throw new InvalidInput(
				`The task store could not be asked whether this task was done before: ${result.message}`,
				'No model was called, so that nothing is paid for twice. Run it again when the store is back, or switch off Process Each Task Only Once.',
			);
	}
}

async function replay(task: RememberedTask, record: FinishedRecord, token: string, store: TaskStore, warnings: readonly string[]): Promise<RememberedEnd> {
	switch (record.state) {
		case 'answered': {
			const answer = decodeAnswer(record.payload);
			if (answer !== undefined) return { end: { kind: 'answered', answer, replayed: true }, warnings };
			throw new InvalidInput(
				`The stored answer to task "${task.identity.taskId}" cannot be read by this version of the package`,
				'Update the package on every machine, or use another task ID. No model was called.',
			);
		}
		case 'resolved':
			return { end: { kind: 'decided', review: record }, warnings };
		case 'pending_human_review':
			return await escalateAgain(task, record, token, store, warnings);
	}
}

/** The review stays the one it is; the item gets a link of its own to it, because no link is ever stored. */
async function escalateAgain(
	{ parameters, identity }: RememberedTask,
	record: Extract<FinishedRecord, { state: 'pending_human_review' }>,
	token: string,
	store: TaskStore,
	warnings: readonly string[],
): Promise<RememberedEnd> {
	const decoded = decodeReviewPayload(record.payload);
	const payload = decoded.kind === 'decoded' ? decoded.payload : undefined;
	const linked = await addLink(store, identity.key, token);
	const escalation: EscalationFacts = {
		reasonCode: record.summary.reasonCode ?? 'all_models_failed',
		reason: payload?.reason ?? 'This task waits for a human',
		draft: payload?.draft ?? null,
		attempts: record.summary.attempts,
		costUsd: 0,
		failedAt: record.endedAt,
		dueAt: record.dueAt,
		reviewUrl: linked === true ? linkOf(parameters, token) : null,
		isStored: true,
	};
	const trouble = typeof linked === 'object' ? [`The task store could not make a link to the review: ${linked.why}`] : [];
	return { end: { kind: 'escalated', escalation, replayed: true }, warnings: [...warnings, ...trouble] };
}

async function addLink(store: TaskStore, key: string, token: string): Promise<boolean | { readonly why: string }> {
	try {
		return await store.addReviewLink(key, hashReviewToken(token));
	} catch (error) {
		return { why: messageOf(error) };
	}
}

/** It leaves no record, for the task is another run's; so its line is all that counts it. */
async function stillInProgress(
	{ identity, startedAt }: RememberedTask,
	until: EpochMs,
	store: TaskStore,
): Promise<TaskEnd> {
	const reasonCode = 'task_in_progress';
	const end = { tier: 3, reasonCode, latencyMs: systemClock.now() - startedAt, costUsd: 0, extraCostUsd: null } as const;
	await store.addToLedger(ledgerEntries(identity.origin, { end, attempts: [] })).catch(() => undefined);
	const escalation: EscalationFacts = {
		reasonCode,
		reason: `Another run holds this task, until ${new Date(until).toISOString()} at the latest, and had not ended it when the deadline of this one passed`,
		draft: null,
		attempts: [],
		costUsd: 0,
		failedAt: systemClock.now(),
		dueAt: null,
		reviewUrl: null,
		isStored: false,
	};
	return { kind: 'escalated', escalation, replayed: false };
}

/** `token` opens the stored review; undefined: none was stored. */
function endOf(outcome: Outcome, { steps, parameters }: RememberedTask, token: string | undefined): TaskEnd {
	if (outcome.kind === 'cancelled') return { kind: 'cancelled' };
	if (outcome.kind === 'answered') return { kind: 'answered', answer: answerFactsOf(outcome, steps), replayed: false };
	const now = systemClock.now();
	const escalation: EscalationFacts = {
		reasonCode: outcome.reasonCode,
		reason: outcome.reason,
		draft: outcome.draft?.text ?? null,
		attempts: outcome.attempts,
		costUsd: totalCostUsd(outcome.attempts),
		failedAt: now,
		dueAt: token === undefined || parameters.reviewDueMs === null ? null : now + parameters.reviewDueMs,
		reviewUrl: token === undefined ? null : linkOf(parameters, token),
		isStored: token !== undefined,
	};
	return { kind: 'escalated', escalation, replayed: false };
}

function linkOf({ reviewPageUrl }: TaskParameters, token: string): string | null {
	return reviewPageUrl === undefined ? null : reviewLink(reviewPageUrl, token);
}

type NumbersOfAnswer = Omit<Answer, 'payload'>;

function keepsakesOf(task: RememberedTask, token: string): Keepsakes & { readonly numbers: (outcome: Extract<Outcome, { kind: 'answered' }>) => NumbersOfAnswer } {
	const { identity, parameters, content, steps, context, includeInput, startedAt } = task;
	const latencyMs = () => Math.round(systemClock.now() - startedAt);
	const leave = (summary: RunSummary) => ({ summary, ledger: ledgerEntries(identity.origin, { end: summary, attempts: summary.attempts }) });
	const numbers = (outcome: Extract<Outcome, { kind: 'answered' }>): NumbersOfAnswer => {
		const { step, completion, attempts } = outcome;
		const who = { tier: step === 1 ? 1 : 2, provider: steps[step - 1]?.provider ?? '', model: completion.model } as const;
		const summary = { ...who, reasonCode: null, attempts, costUsd: totalCostUsd(attempts), extraCostUsd: extraCostOf(outcome, task.firstStepPrice), latencyMs: latencyMs() };
		return { ...leave(summary), ttlMs: parameters.resultTtlMs };
	};
	return {
		numbers,
		answer: (outcome) => ({ ...numbers(outcome), payload: encodeAnswer(answerFactsOf(outcome, steps)) }),
		escalation({ reasonCode, reason, attempts, draft, warnings }) {
			const costUsd = totalCostUsd(attempts);
			const { prompt, systemMessage, output } = content;
			const { reviewPageUrl } = parameters;
			return {
				...leave({ tier: 3, reasonCode, provider: null, model: null, attempts, costUsd, extraCostUsd: null, latencyMs: latencyMs() }),
				payload: encodeReviewPayload({ prompt, systemMessage, context, draft: draft?.text ?? null, reason, output, includeInput, warnings, ...(reviewPageUrl !== undefined && { reviewPageUrl }) }),
				tokenHash: hashReviewToken(token),
				dueInMs: parameters.reviewDueMs,
				retentionMs: (parameters.reviewDueMs ?? 0) + reviewRetentionMs,
			};
		},
		calls: ({ attempts }) => ledgerEntries(identity.origin, { end: null, attempts }),
	};
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : 'it gave no reason';
}
