import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Decision } from '../../engine/store/task-record';
import { logEvent, nodeScope } from '../../host/log';
import { humanAnswer } from '../../review/human-answer';
import { checkDecision, decisionKinds, type ProposedDecision } from '../../review/proposed-decision';
import { isReview, type ReviewRecord } from '../../review/review-facts';
import { decodeReviewPayload } from '../../review/review-payload';
import { readChoice, readText } from '../input/field-reader';
import { InvalidInput } from '../../tasks/invalid-input';
import { forEachItem, noSuchReview, readReviewTaskId } from './items';
import type { StoreItem } from '../input/store-items';

/**
 * Decides a review from a workflow, with the same effect as on its page, and returns a Success item. If the review was
 * already decided, the item has that first decision and `alreadyDecided` is true.
 */
export async function resolveReview(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async (item) => {
		const taskId = readReviewTaskId(item);
		const record = await item.store.findReview({ taskId });
		if (record === undefined || !isReview(record)) throw noSuchReview(taskId);
		if (record.state === 'resolved') return answered(record, true);
		if (record.state === 'expired') throw expired(taskId);

		// `null`: no delivery has to be tracked, because the decision is in this operation's output item.
		const result = await item.store.decide(record.identity.key, await decisionOf(item, record), null);
		switch (result.kind) {
			case 'decided':
				logEvent(context.logger, 'info', 'review-decided', {
					decision: result.record.decision.decision,
					taskId,
					decisionId: result.record.decision.decisionId,
					...nodeScope(context),
				});
				return answered(result.record, false);
			case 'already_decided':
				return answered(result.record, true);
			case 'expired':
				throw expired(taskId);
			case 'unknown':
				throw noSuchReview(taskId);
		}
	});
}

async function decisionOf(item: StoreItem, record: ReviewRecord): Promise<Decision> {
	const decoded = decodeReviewPayload(record.payload);
	if (decoded.kind !== 'decoded') {
		throw new InvalidInput(
			decoded.kind === 'unreadable' ? decoded.why : 'The content of this review is gone',
			'Use the same version of this package on every machine.',
		);
	}
	const checked = await checkDecision(readProposal(item), decoded.payload);
	if (checked.kind === 'acceptable') return checked.decision;
	throw new InvalidInput(
		`The decision does not fit the task: ${checked.problems.join(' ')}`,
		'Change the decision or the output. The review is still open.',
	);
}

function readProposal({ parameter }: StoreItem): ProposedDecision {
	const decision = readChoice(parameter('decision'), 'Decision', decisionKinds);
	return {
		decision,
		answer: decision === 'edit' || decision === 'answer' ? parameter('output') : undefined,
		reviewer: readText(parameter('reviewer'), 'Reviewer').trim(),
		comment: readText(parameter('comment'), 'Comment').trim(),
	};
}

function answered(record: Extract<ReviewRecord, { state: 'resolved' }>, alreadyDecided: boolean): object {
	return { ...humanAnswer(record, { includeAttempts: true, replayed: alreadyDecided }), alreadyDecided };
}

function expired(taskId: string): InvalidInput {
	return new InvalidInput(
		`The review of task "${taskId}" has expired`,
		'Nobody decided in time. Run the task again if it still matters.',
	);
}
