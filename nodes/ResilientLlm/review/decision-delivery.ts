import type { DeliveryTerms } from '../engine/store/deliveries';
import type { TaskStore } from '../engine/store/task-store';
import type { ResolvedReview } from './human-answer';

/**
 * How long an execution with a decision may go without renewing its lease, in ms, before the decision is handed over
 * again. Long enough for n8n to start it, and for two renewals to fail.
 */
export const deliveryLeaseMs = 45_000;

/** How often an execution renews its lease, in ms. */
export const renewEveryMs = 15_000;

/**
 * How often a Review Trigger looks for undelivered decisions, in ms. A decision whose execution was lost is handed over
 * again within a minute, including the lease.
 */
export const lookForUndeliveredEveryMs = 15_000;

/** How long a decision is kept at least, in ms: a week, so that there is time to repair a workflow or a server. */
const decisionKeptMs = 7 * 24 * 3_600_000;

/** How many executions a Review Trigger starts at most each time it looks. */
const atOnce = 50;

/** Identifies a Review Trigger by IDs, because its path and the name of its workflow may change. */
export function receiverOf(workflowId: string | undefined, nodeId: string): string {
	return `${workflowId ?? ''}:${nodeId}`;
}

export function deliveryTo(receiver: string): DeliveryTerms {
	return { to: receiver, leaseMs: deliveryLeaseMs, keepMs: decisionKeptMs };
}

/** A decision for which the caller has to start an execution. */
export interface RedeliveredReview {
	readonly review: ResolvedReview;
	/** How often it was handed over, this time included. */
	readonly handover: number;
}

/**
 * Takes the lease on undelivered decisions for a Review Trigger, at most 50, of which no execution has a valid lease.
 * The caller must start an execution with each of them.
 */
export async function takeUndelivered(store: TaskStore, receiver: string): Promise<readonly RedeliveredReview[]> {
	const taken: RedeliveredReview[] = [];
	for (const { key, decisionId, count } of await store.handOver({
		to: receiver,
		leaseMs: deliveryLeaseMs,
		limit: atOnce,
	})) {
		const review = await store.get(key);
		// After the handover, the earlier execution may have ended after all.
		if (review?.state !== 'resolved' || review.decision.decisionId !== decisionId || review.decision.delivered)
			continue;
		taken.push({ review, handover: count });
	}
	return taken;
}
