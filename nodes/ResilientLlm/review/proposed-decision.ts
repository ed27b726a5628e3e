import type { Decision, Json } from '../engine/store/task-record';
import { fitAnswer } from './fitting-answer';
import type { ReviewPayload } from './review-payload';

export const decisionKinds = ['approve', 'edit', 'answer', 'reject'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** What a human wants to decide, before it was checked against what the task asks for. */
export interface ProposedDecision {
	readonly decision: DecisionKind;
	/** For `edit` and `answer`: text, or a value where the task asks for JSON. Otherwise ignored. */
	readonly answer: unknown;
	readonly reviewer: string;
	readonly comment: string;
}

export type CheckedDecision =
	| { readonly kind: 'acceptable'; readonly decision: Decision }
	| { readonly kind: 'unacceptable'; readonly problems: readonly string[] };

/**
 * Checks a decision. A rejection is always acceptable; any other answer must have the format that the task asks for.
 */
export async function checkDecision(
	proposed: ProposedDecision,
	{ draft, output: format }: ReviewPayload,
): Promise<CheckedDecision> {
	const { decision, answer, reviewer, comment } = proposed;
	const accept = (output: Json): CheckedDecision => ({
		kind: 'acceptable',
		decision: { decision, output, reviewer, comment },
	});
	if (decision === 'reject') return accept(null);
	if (draft === null && decision !== 'answer') {
		return { kind: 'unacceptable', problems: ['There is no draft to approve or correct: give an answer, or reject.'] };
	}
	const fit = await fitAnswer(decision === 'approve' ? draft : answer, format);
	return fit.kind === 'fits' ? accept(fit.output) : { kind: 'unacceptable', problems: fit.problems };
}
