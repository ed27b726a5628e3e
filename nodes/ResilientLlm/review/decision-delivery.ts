import type { DeliveryTerms } from '../engine/store/deliveries';
import type { TaskStore } from '../engine/store/task-store';
import type { ResolvedReview } from './human-answer';

/**
 * How long an execution with a decision may give no sign of life, in ms, before the decision is handed over again. Long
 * enough for n8n to start it, and for two signs of life that did not come through.
 */
export const deliveryLeaseMs = 45_000;

/** How often an execution gives a sign of life, in ms. */
export const renewEveryMs = 15_000;

/**
 * How often a Review Trigger looks for decisions to hand over, in ms: a lost one waits a minute at most, lease
 * included.
 */
export const lookForUndeliveredEveryMs = 15_000;

/** A decision is kept at least so long, in ms: whoever repairs a workflow or a server has a week for it. */
const decisionKeptMs = 7 * 24 * 3_600_000;

/** Executions that a Review Trigger starts at most each time it looks. */
const atOnce = 50;

/** Names a Review Trigger as long as it lives: its path and the workflow's name may change. */
export function receiverOf(workflowId: string | undefined, nodeId: string): string {
	return `${workflowId ?? ''}:${nodeId}`;
}

export function deliveryTo(receiver: string): DeliveryTerms {
	return { to: receiver, leaseMs: deliveryLeaseMs, keepMs: decisionKeptMs };
}

/** A decision that is the caller's to start an execution with. */
export interface RedeliveredReview {
	readonly review: ResolvedReview;
	/** How often it was handed over, this time included. */
	readonly handover: number;
}

/** Takes the decisions of a Review Trigger that no execution works on. */
export async function takeUndelivered(store: TaskStore, receiver: string): Promise<readonly RedeliveredReview[]> {
	const taken: RedeliveredReview[] = [];
	for (const { key, decisionId, count } of await store.handOver({
		to: receiver,
		leaseMs: deliveryLeaseMs,
		limit: atOnce,
	})) {
		const review = await store.get(key);
		// Since it was taken an execution may have ended with it after all.
		if (review?.state !== 'resolved' || review.decision.decisionId !== decisionId || review.decision.delivered)
			continue;
		taken.push({ review, handover: count });
	}
	return taken;
}
