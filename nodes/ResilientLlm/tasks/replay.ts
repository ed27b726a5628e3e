import type { EpochMs } from '../engine/clock';
import { ledgerEntries } from '../engine/store/ledger';
import { persistentAnswerOf } from '../engine/store/store-answer';
import type { FinishedRecord } from '../engine/store/task-record';
import type { TaskStore } from '../engine/store/task-store';
import { decodeReviewPayload } from '../review/review-payload';
import { hashReviewToken } from '../review/token';
import { decodeAnswer } from './answer-facts';
import type { EscalationFacts } from './escalation-facts';
import { InvalidInput } from './invalid-input';
import type { RememberedTask } from './remembered-task';
import { type TaskEnd, type RememberedEnd, linkOf } from './task-end';

/** Returns the result that an earlier run of the task has stored. */
export async function replay(
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

/**
 * The review stays unchanged; the item gets a new link to it, because links are not stored and cannot be shown again.
 */
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

/**
 * Ends this run while another one still holds the task. Only its ledger line is stored: the record is the other run's.
 */
export async function stillInProgress(
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
