import type { Attempt } from '../engine/attempt';
import { noUsage, type Usage } from '../engine/completion';
import type { Json, TaskRecord } from '../engine/store/task-record';
import type { DecisionKind } from './proposed-decision';
import { decodeReviewPayload } from './review-payload';

export type ResolvedReview = Extract<TaskRecord, { state: 'resolved' }>;

/** A human's decision in the shape of an item of the Success output, so that the same nodes can process both. */
export interface HumanAnswer {
	/** Null when the task was rejected. */
	readonly output: Json;
	readonly taskId: string;
	readonly tier: 3;
	readonly degraded: false;
	readonly provider: 'human';
	readonly model: null;
	readonly finishReason: 'stop';
	readonly usage: Usage;
	/** USD that the models cost before the human was asked; null: unknown. */
	readonly costUsd: number | null;
	/**
	 * From the start of the task until it was handed over to a human, in ms. `respondedAt` tells when the human decided.
	 */
	readonly latencyMs: number;
	readonly replayed: boolean;
	readonly attempts?: readonly Attempt[];
	readonly warnings: readonly string[];
	readonly input?: Json;
	readonly decision: DecisionKind;
	readonly reviewer: string;
	readonly comment: string;
	/** ISO 8601, UTC. */
	readonly respondedAt: string;
	/**
	 * Identifies the decision, so that a workflow can recognise one that arrives twice, which may happen after a crash.
	 */
	readonly decisionId: string;
}

export interface HumanAnswerOptions {
	readonly includeAttempts: boolean;
	/** True when the decision was made earlier, and this run only replays it. */
	readonly replayed: boolean;
}

export function humanAnswer(
	{ identity, summary, payload: stored, decision }: ResolvedReview,
	options: HumanAnswerOptions,
): HumanAnswer {
	const decoded = decodeReviewPayload(stored);
	const payload = decoded.kind === 'decoded' ? decoded.payload : undefined;
	return {
		output: decision.output,
		taskId: identity.taskId,
		tier: 3,
		degraded: false,
		provider: 'human',
		model: null,
		finishReason: 'stop',
		usage: noUsage,
		costUsd: summary.costUsd,
		latencyMs: summary.latencyMs,
		replayed: options.replayed,
		...(options.includeAttempts && { attempts: summary.attempts }),
		warnings: payload?.warnings ?? [],
		...(payload?.includeInput === true && { input: payload.context }),
		decision: decision.decision,
		reviewer: decision.reviewer,
		comment: decision.comment,
		respondedAt: new Date(decision.respondedAt).toISOString(),
		decisionId: decision.decisionId,
	};
}
