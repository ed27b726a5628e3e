import type { Outcome } from '../engine/outcome';
import { totalCostUsd } from '../engine/trail';
import type { ResolvedReview } from '../review/human-answer';
import { reviewLink } from '../review/token';
import { answerFactsOf, type AnswerFacts } from './answer-facts';
import type { EscalationFacts } from './escalation-facts';
import type { RememberedTask } from './remembered-task';
import type { TaskParameters } from './task-parameters';

/** How a task ended, in this run or in an earlier one. */
export type TaskEnd =
	| { readonly kind: 'answered'; readonly answer: AnswerFacts; readonly replayed: boolean }
	/** A human had already decided the review of this task. */
	| { readonly kind: 'decided'; readonly review: ResolvedReview }
	| { readonly kind: 'escalated'; readonly escalation: EscalationFacts; readonly replayed: boolean }
	| { readonly kind: 'cancelled' };

export interface RememberedEnd {
	readonly end: TaskEnd;
	/** Messages about what the store could not do. */
	readonly warnings: readonly string[];
}

/** How a task ended that this run has worked on. `token` opens its stored review; undefined: none was stored. */
export function endOf(
	outcome: Outcome,
	{ steps, parameters, clock }: RememberedTask,
	token: string | undefined,
): TaskEnd {
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

/** The link to a review. Null: there is no review page. */
export function linkOf({ reviewPageUrl }: TaskParameters, token: string): string | null {
	return reviewPageUrl === undefined ? null : reviewLink(reviewPageUrl, token);
}
