/** How a decision gets to who waits for it. */
export interface DeliveryTerms {
	/** Names who waits for it: nobody else gets it. */
	readonly to: string;
	/** Whoever decides also starts the execution. After this time, in ms, the decision is handed over again. */
	readonly leaseMs: number;
	/**
	 * The decision's content is kept for at least this long, in ms, however soon its review would have been forgotten.
	 */
	readonly keepMs: number;
}

export interface HandoverRequest {
	readonly to: string;
	readonly leaseMs: number;
	readonly limit: number;
	/** Only this decision. */
	readonly decisionId?: string;
}

/** A decision that its receiver is to start an execution with. */
export interface Handover {
	readonly decisionId: string;
	/** The key of its record. */
	readonly key: string;
	/** How often it was handed over, this time included. */
	readonly count: number;
}

export interface DeliveryStart {
	readonly decisionId: string;
	readonly executionId: string;
	/** How long the execution may be silent, in ms, before it is taken for dead. */
	readonly leaseMs: number;
}

export type DeliveryState =
	/** This execution works on the decision, and no other does. */
	| { readonly kind: 'begun' }
	/** Another execution works on it. */
	| { readonly kind: 'elsewhere'; readonly executionId: string }
	/** An execution with it has ended, or nobody waits for it. */
	| { readonly kind: 'delivered' }
	/** There is no such decision here. */
	| { readonly kind: 'unknown' };

/**
 * Decisions on their way into workflows. Each is undelivered from the step that stores it until an execution with it
 * has ended; whatever dies in between, it is handed over again. So it arrives at least once, and a second execution
 * that starts while the first one works on it is told so.
 */
export interface Deliveries {
	/** Takes decisions whose lease is over, the longest waiting first, for one lease: nobody else gets them meanwhile. */
	handOver(request: HandoverRequest): Promise<readonly Handover[]>;
	/** An execution starts with a decision, or goes on with it: each call begins its lease anew. May be repeated. */
	beginDelivery(start: DeliveryStart): Promise<DeliveryState>;
	/** An execution with the decision has ended. May be repeated. */
	endDelivery(decisionId: string): Promise<void>;
}

/** So many times a decision is handed over at the same pace. */
export const steadyHandovers = 3;

/** Then each lease is twice the one before, so many times: an execution that takes n8n down must not keep it down. */
export const leaseDoublings = 6;

/** How much longer than the first a lease is, when a decision was handed over so many times. */
export function leaseFactor(handovers: number): number {
	return 2 ** Math.min(leaseDoublings, Math.max(0, handovers - steadyHandovers));
}
