import type { Decision, Json } from '../engine/store/task-record';
import { fitAnswer } from './fitting-answer';
import type { ReviewPayload } from './review-payload';

export const decisionKinds = ['approve', 'edit', 'answer', 'reject'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** What a human wants to decide, before anyone checked whether it fits the task. */
export interface ProposedDecision {
	readonly decision: DecisionKind;
	/** Of `edit` and `answer`: text, or a value where the task asks for JSON. Otherwise ignored. */
	readonly answer: unknown;
	readonly reviewer: string;
	readonly comment: string;
}

export type CheckedDecision =
	| { readonly kind: 'acceptable'; readonly decision: Decision }
	| { readonly kind: 'unacceptable'; readonly problems: readonly string[] };

/** A rejection always fits; an answer must be what the task asked for. */
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
