import type { Usage } from './completion';
import type { FailureReason } from './failure';

interface AttemptBase {
	/** Number of the attempt within the task, from 1. */
	readonly attempt: number;
	/** The step's position in the provider order, from 1. */
	readonly step: number;
	/** Number of the call within the step, from 1; 0 when the step was skipped. */
	readonly stepAttempt: number;
	/** The provider's id, as in the provider order. */
	readonly provider: string;
	readonly model: string;
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	/** From the call to its result, in ms. */
	readonly latencyMs: number;
	/** How long this attempt was delayed before its call, in ms. */
	readonly waitMs: number;
	/** USD. Null: unknown, because the price or the token usage is unknown. */
	readonly costUsd: number | null;
}

interface FailureTrail {
	readonly reason: FailureReason;
	readonly message: string;
	readonly httpStatus?: number;
	readonly requestId?: string;
}

/**
 * One entry of the trail: a call to a step, or a skipped step. This is the public format of the node's `attempts`
 * field.
 */
export type Attempt =
	| (AttemptBase & { readonly outcome: 'answered'; readonly usage?: Usage; readonly requestId?: string })
	| (AttemptBase & { readonly outcome: 'failed'; readonly usage?: Usage } & FailureTrail)
	| (AttemptBase & { readonly outcome: 'skipped' } & FailureTrail);
