import type { Attempt } from '../engine/attempt';
import type { EpochMs } from '../engine/clock';
import type { ReasonCode } from '../engine/outcome';
import type { Json, TaskRecord } from '../engine/store/task-record';
import type { DecisionKind } from './proposed-decision';
import { decodeReviewPayload } from './review-payload';

export type ReviewRecord = Extract<TaskRecord, { state: 'pending_human_review' | 'resolved' | 'expired' }>;

/**
 * A review as workflows get it, decided or not. Null: the human has not answered yet, or the store has deleted the
 * content.
 */
export interface ReviewFacts {
	readonly taskId: string;
	readonly status: ReviewRecord['state'];
	/** Still undecided although its due time has passed. */
	readonly overdue: boolean;
	readonly reasonCode: ReasonCode | null;
	readonly reason: string | null;
	readonly prompt: string | null;
	readonly systemMessage: string | null;
	readonly draft: string | null;
	readonly context: Json;
	readonly attempts: readonly Attempt[];
	readonly costUsd: number | null;
	readonly latencyMs: number;
	/** ISO 8601 in UTC, like all instants here. */
	readonly failedAt: string;
	readonly dueAt: string | null;
	readonly expiresAt: string;
	readonly decision: DecisionKind | null;
	readonly output: Json;
	readonly reviewer: string | null;
	readonly comment: string | null;
	readonly respondedAt: string | null;
	readonly decisionId: string | null;
	/** Whether an execution that got the decision has ended; null: not decided. */
	readonly delivered: boolean | null;
	readonly executionId: string;
	readonly workflowId: string;
	readonly workflowName: string;
	readonly nodeName: string;
}

export function reviewFacts(record: ReviewRecord, now: EpochMs): ReviewFacts {
	const { identity, summary, state } = record;
	const { executionId, workflowId, workflowName, nodeName } = identity.origin;
	const decoded = decodeReviewPayload(record.payload);
	const payload = decoded.kind === 'decoded' ? decoded.payload : undefined;
	const settled = state === 'resolved' ? record.decision : undefined;
	return {
		taskId: identity.taskId,
		status: state,
		overdue: state === 'pending_human_review' && record.dueAt !== null && record.dueAt <= now,
		reasonCode: summary.reasonCode,
		reason: payload?.reason ?? (decoded.kind === 'unreadable' ? decoded.why : null),
		prompt: payload?.prompt ?? null,
		systemMessage: payload?.systemMessage ?? null,
		draft: payload?.draft ?? null,
		context: payload?.context ?? null,
		attempts: summary.attempts,
		costUsd: summary.costUsd,
		latencyMs: summary.latencyMs,
		failedAt: iso(record.endedAt),
		dueAt: record.dueAt === null ? null : iso(record.dueAt),
		expiresAt: iso(record.expiresAt),
		decision: settled?.decision ?? null,
		output: settled?.output ?? null,
		reviewer: settled?.reviewer ?? null,
		comment: settled?.comment ?? null,
		respondedAt: settled === undefined ? null : iso(settled.respondedAt),
		decisionId: settled?.decisionId ?? null,
		delivered: settled?.delivered ?? null,
		executionId,
		workflowId,
		workflowName,
		nodeName,
	};
}

export function isReview(record: TaskRecord): record is ReviewRecord {
	return record.state === 'pending_human_review' || record.state === 'resolved' || record.state === 'expired';
}

function iso(instant: EpochMs): string {
	return new Date(instant).toISOString();
}
