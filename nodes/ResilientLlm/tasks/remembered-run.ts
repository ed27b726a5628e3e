import { randomUUID } from 'node:crypto';

import type { EpochMs } from '../engine/clock';
import { ledgerEntries } from '../engine/store/ledger';
import { runOnce } from '../engine/once/once';
import type { Outcome } from '../engine/outcome';
import { persistentAnswerOf } from '../engine/store/store-answer';
import type { FinishedRecord, TaskStore } from '../engine/store/task-store';
import { totalCostUsd } from '../engine/trail';
import type { ResolvedReview } from '../review/human-answer';
import { decodeReviewPayload } from '../review/review-payload';
import { createReviewToken, hashReviewToken, reviewLink } from '../review/token';
import { answerFactsOf, decodeAnswer, type AnswerFacts } from './answer-facts';
import type { EscalationFacts } from './escalation-facts';
import { InvalidInput } from './invalid-input';
import { keepsakesOf } from './keepsakes';
import { noteRun } from './note-run';
import type { RememberedTask, RememberingStore } from './remembered-task';
import { storableTask, type StorableTask } from './storable-task';
import type { TaskParameters } from './task-parameters';

/** How a task ended, whether this run did it or an earlier one. */
export type TaskEnd =
	| { readonly kind: 'answered'; readonly answer: AnswerFacts; readonly replayed: boolean }
	/** A human decided about it before. */
	| { readonly kind: 'decided'; readonly review: ResolvedReview }
	| { readonly kind: 'escalated'; readonly escalation: EscalationFacts; readonly replayed: boolean }
	| { readonly kind: 'cancelled' };

export interface RememberedEnd {
	readonly end: TaskEnd;
	/** What the store could not do, in words. */
	readonly warnings: readonly string[];
}

/**
 * Runs a task and keeps what it leaves: nothing, its numbers and reviews, or everything that makes it run only once.
 */
export async function runRemembered(task: RememberedTask, store: RememberingStore | undefined): Promise<RememberedEnd> {
	const { memory } = task.parameters;
	if (store === undefined || memory.kind === 'none') {
		return { end: endOf(await task.run(), task, undefined), warnings: [] };
	}
	const storable = storableTask(task);
	const losses = store.notices.watchLosses();
	const run = memory.once ? runOnlyOnce(storable, store) : runAndNote(storable, store);
	const { end, warnings } = await run.finally(losses);
	return { end, warnings: [...warnings, ...losses()] };
}

async function runAndNote(task: StorableTask, store: RememberingStore): Promise<RememberedEnd> {
	const outcome = await task.run();
	const token = createReviewToken();
	const noted = await noteRun(task, outcome, token, store);
	if (noted.kind === 'done') {
		return { end: endOf(outcome, task, task.whenAllFail === 'review' ? token : undefined), warnings: [] };
	}
	const warning = `The task store could not keep a record of this task: ${noted.message}`;
	return { end: endOf(outcome, task, undefined), warnings: [warning] };
}

async function runOnlyOnce(task: StorableTask, { tasks, owed }: RememberingStore): Promise<RememberedEnd> {
	const token = createReviewToken();
	const { identity, deadline, cancel, run, clock } = task;
	const result = await runOnce(
		{ identity, deadline, cancel, run, keepsakes: keepsakesOf(task, token) },
		{ store: tasks, owed, clock, newOwner: randomUUID },
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

async function replay(
	task: RememberedTask,
	record: FinishedRecord,
	token: string,
	store: TaskStore,
	warnings: readonly string[],
): Promise<RememberedEnd> {
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
	{ parameters, identity, cancel, clock }: RememberedTask,
	record: Extract<FinishedRecord, { state: 'pending_human_review' }>,
	token: string,
	store: TaskStore,
	warnings: readonly string[],
): Promise<RememberedEnd> {
	const decoded = decodeReviewPayload(record.payload);
	const payload = decoded.kind === 'decoded' ? decoded.payload : undefined;
	const tokenHash = hashReviewToken(token);
	const link = async () => await store.addReviewLink(identity.key, tokenHash);
	const linked = await persistentAnswerOf(link, clock, cancel);
	const escalation: EscalationFacts = {
		reasonCode: record.summary.reasonCode ?? 'all_models_failed',
		reason: payload?.reason ?? 'This task waits for a human',
		draft: payload?.draft ?? null,
		attempts: record.summary.attempts,
		costUsd: 0,
		failedAt: record.endedAt,
		dueAt: record.dueAt,
		reviewUrl: linked.kind === 'done' && linked.value ? linkOf(parameters, token) : null,
		warnings: payload?.warnings ?? [],
		isStored: true,
	};
	const trouble =
		linked.kind === 'done' ? [] : [`The task store could not make a link to the review: ${linked.message}`];
	return { end: { kind: 'escalated', escalation, replayed: true }, warnings: [...warnings, ...trouble] };
}

/** It leaves no record, for the task is another run's; so its line is all that counts it. */
async function stillInProgress(
	{ identity, startedAt, clock }: RememberedTask,
	until: EpochMs,
	store: TaskStore,
): Promise<TaskEnd> {
	const reasonCode = 'task_in_progress';
	const end = {
		tier: 3,
		reasonCode,
		latencyMs: clock.now() - startedAt,
		costUsd: 0,
		extraCostUsd: null,
	} as const;
	await store.addToLedger(ledgerEntries(identity.origin, { end, attempts: [] })).catch(() => undefined);
	const escalation: EscalationFacts = {
		reasonCode,
		reason: `Another run holds this task, until ${new Date(until).toISOString()} at the latest, and had not ended it when the deadline of this one passed`,
		draft: null,
		attempts: [],
		costUsd: 0,
		failedAt: clock.wallTime(clock.now()),
		dueAt: null,
		reviewUrl: null,
		warnings: [],
		isStored: false,
	};
	return { kind: 'escalated', escalation, replayed: false };
}

/** `token` opens the stored review; undefined: none was stored. */
function endOf(outcome: Outcome, { steps, parameters, clock }: RememberedTask, token: string | undefined): TaskEnd {
	if (outcome.kind === 'cancelled') return { kind: 'cancelled' };
	if (outcome.kind === 'answered') return { kind: 'answered', answer: answerFactsOf(outcome, steps), replayed: false };
	const now = clock.wallTime(clock.now());
	const escalation: EscalationFacts = {
		reasonCode: outcome.reasonCode,
		reason: outcome.reason,
		draft: outcome.draft?.text ?? null,
		attempts: outcome.attempts,
		costUsd: totalCostUsd(outcome.attempts),
		failedAt: now,
		dueAt: token === undefined || parameters.reviewDueMs === null ? null : now + parameters.reviewDueMs,
		reviewUrl: token === undefined ? null : linkOf(parameters, token),
		warnings: outcome.warnings,
		isStored: token !== undefined,
	};
	return { kind: 'escalated', escalation, replayed: false };
}

function linkOf({ reviewPageUrl }: TaskParameters, token: string): string | null {
	return reviewPageUrl === undefined ? null : reviewLink(reviewPageUrl, token);
}
