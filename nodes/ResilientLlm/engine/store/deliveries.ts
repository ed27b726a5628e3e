/** How a decision is delivered to the workflow that waits for it. */
export interface DeliveryTerms {
	/** Identifies the receiver: no other one gets the decision. */
	readonly to: string;
	/**
	 * The caller of `decide` is to start the execution itself. After this time, in ms, the decision is handed over again.
	 */
	readonly leaseMs: number;
	/** The decision's content is kept for at least this long, in ms, even if its review would be forgotten sooner. */
	readonly keepMs: number;
}

export interface HandoverRequest {
	readonly to: string;
	readonly leaseMs: number;
	readonly limit: number;
	/** Only this decision. */
	readonly decisionId?: string;
}

/** A decision with which its receiver is to start an execution. */
export interface Handover {
	readonly decisionId: string;
	/** The key of its record. */
	readonly key: string;
	/** How often the decision was handed over, this time included. */
	readonly count: number;
}

export interface DeliveryStart {
	readonly decisionId: string;
	readonly executionId: string;
	/** How long the execution may go without renewing its lease, in ms, before it is considered dead. */
	readonly leaseMs: number;
}

export type DeliveryState =
	/** This execution now works on the decision, and no other does. */
	| { readonly kind: 'begun' }
	/** Another execution works on it. */
	| { readonly kind: 'elsewhere'; readonly executionId: string }
	/** An execution has finished with it, or no receiver waits for it. */
	| { readonly kind: 'delivered' }
	/** The store has no such decision. */
	| { readonly kind: 'unknown' };

/**
 * Delivers decisions to workflows, at least once. A decision is undelivered from the write that stores it until an
 * execution with it has ended; if a process dies in between, it is handed over again. An execution that starts while
 * another one works on the decision is told so (`elsewhere`).
 */
export interface Deliveries {
	/**
	 * Takes undelivered decisions that are not under a lease, longest waiting first, and leases them to the receiver:
	 * they are not handed over again before the lease ends.
	 */
	handOver(request: HandoverRequest): Promise<readonly Handover[]>;
	/** An execution starts to work on a decision, or renews its lease on it. May be repeated. */
	beginDelivery(start: DeliveryStart): Promise<DeliveryState>;
	/** An execution with the decision has ended. May be repeated. */
	endDelivery(decisionId: string): Promise<void>;
}

/** The first handovers of a decision have leases of equal length; this is their number. */
export const steadyHandovers = 3;

/**
 * After these, each lease is twice as long as the one before, at most this many times: a decision whose execution
 * crashes n8n must not crash it again and again.
 */
export const leaseDoublings = 6;

/** Factor of the lease after this many handovers: 1 at first, then 2, 4, … up to 64. */
export function leaseFactor(handovers: number): number {
	return 2 ** Math.min(leaseDoublings, Math.max(0, handovers - steadyHandovers));
}
