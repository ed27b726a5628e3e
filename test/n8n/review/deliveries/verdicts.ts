import type { N8nRest } from '../n8n-rest.ts';
import { workflowIdOf, type StoreKind } from './decided-workflow.ts';
import type { OpenReview, Reviews } from './reviews.ts';
import type { Witness } from './witness.ts';

/** What became of one review in the end. */
export interface Verdict {
	readonly review: OpenReview;
	/** Undefined: no decision was stored. */
	readonly decisionId: string | undefined;
	readonly delivered: boolean;
	/** All that executions said to have worked with. */
	readonly decisionIdsHeard: readonly string[];
	/** Executions that worked with it, however they ended. */
	readonly begun: readonly string[];
	/** Of these, those that got to their last node, and that n8n lists as successful. */
	readonly ended: readonly string[];
}

export async function verdictsOn(
	reviews: Reviews,
	store: StoreKind,
	witness: Witness,
	rest: N8nRest,
): Promise<readonly Verdict[]> {
	const listed = await rest.list(workflowIdOf(store));
	const successful = new Set(listed.filter(({ status }) => status === 'success').map(({ id }) => id));
	return await Promise.all(
		reviews.all.map(async (review): Promise<Verdict> => {
			const decision = await reviews.decisionOf(review.taskId);
			const heard = witness.heard.filter(({ taskId }) => taskId === review.taskId);
			return {
				review,
				decisionId: decision?.decisionId,
				delivered: decision?.delivered ?? false,
				decisionIdsHeard: [...new Set(heard.map(({ decisionId }) => decisionId))],
				begun: witness.executionsOf(review.taskId, 'begin'),
				ended: witness.executionsOf(review.taskId, 'end').filter((id) => successful.has(id)),
			};
		}),
	);
}

/** For the log: how many decisions came to what. */
export function summaryOf(store: StoreKind, verdicts: readonly Verdict[], hits: number): string {
	const stored = verdicts.filter(({ decisionId }) => decisionId !== undefined);
	const count = (which: (verdict: Verdict) => boolean) => stored.filter(which).length;
	return (
		`${store}: ${hits} kills hit a decision, ${stored.length} decisions stored (${count(({ review }) => review.told !== 'sent')} of them without the reviewer hearing of it), ` +
		`${count(({ ended }) => ended.length > 0)} ended, ${count(({ begun }) => begun.length > 1)} begun more than once, ` +
		`${count(({ ended }) => ended.length > 1)} ended more than once\n`
	);
}
