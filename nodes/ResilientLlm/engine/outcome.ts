import type { Attempt } from './attempt';
import type { EpochMs } from './clock';
import type { Completion } from './completion';
import type { FailureReason } from './failure';

export const reasonCodes = [
	'all_models_failed',
	'high_confidence_required',
	'human_review_required',
	'deadline_exceeded',
	'context_too_long',
	'content_blocked',
	'invalid_output',
	'output_truncated',
	'invalid_request',
	'task_in_progress',
	'no_provider_available',
] as const;

/** Why a task goes to a human. */
export type ReasonCode = (typeof reasonCodes)[number];

/** How a task ended, with everything that was tried on the way. */
export type Outcome =
	| {
			readonly kind: 'answered';
			readonly completion: Completion;
			/** The answer's text, or its parsed value when JSON was asked for. */
			readonly output: unknown;
			/** The answering step's position in the provider order, from 1. */
			readonly step: number;
			/** True only for a truncated answer that the user's rules accept. */
			readonly truncated: boolean;
			readonly attempts: readonly Attempt[];
			readonly warnings: readonly string[];
	  }
	| {
			readonly kind: 'escalated';
			readonly reasonCode: ReasonCode;
			/** One sentence that names which models failed and how. */
			readonly reason: string;
			/** The best answer available: one that failed a check, or one that needs a review. */
			readonly draft?: Completion;
			readonly attempts: readonly Attempt[];
			readonly warnings: readonly string[];
	  }
	| { readonly kind: 'cancelled'; readonly attempts: readonly Attempt[]; readonly warnings: readonly string[] };

/** Events that the chain reports to its observer (log, metrics). An observer cannot change the outcome. */
export type ChainEvent =
	| { readonly event: 'attempt-end'; readonly attempt: Attempt }
	| {
			readonly event: 'step-failover';
			readonly fromStep: number;
			readonly toStep: number;
			readonly reason: FailureReason;
	  }
	| { readonly event: 'circuit-open'; readonly provider: string; readonly model: string; readonly reopensAt: EpochMs }
	| { readonly event: 'circuit-close'; readonly provider: string; readonly model: string };
