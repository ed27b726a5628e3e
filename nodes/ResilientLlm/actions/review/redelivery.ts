import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';

import { logEvent } from '../../host/log';
import { receiverOf, takeUndelivered } from '../../review/decision-delivery';
import { humanAnswer } from '../../review/human-answer';
import { deliveryKeeper, executionsReach } from './deliveries';
import { openReviewStore } from './trigger-store';

/** Starts the workflow again for each decision whose execution crashed or never started. */
export async function redeliverDecisions(context: ITriggerFunctions, stopped: AbortSignal): Promise<void> {
	const taskStore = context.getNodeParameter('taskStore');
	const includeAttempts = context.getNodeParameter('includeAttempts', true) === true;
	const { id: workflowId } = context.getWorkflow();
	const { id: nodeId, name: node } = context.getNode();
	const store = await openReviewStore(context, taskStore);
	for (const { review, handover } of await takeUndelivered(store, receiverOf(workflowId, nodeId))) {
		const { decision, identity } = review;
		const { decisionId } = decision;
		// Skipped if the trigger was stopped (another process may run it now), or if the decision's execution is still
		// running in this process and the store could just not be told.
		if (stopped.aborted || deliveryKeeper.keeps(decisionId)) continue;
		const facts = { decision: decision.decision, taskId: identity.taskId, decisionId, workflowId, node };
		logEvent(context.logger, 'warn', 'review-redelivered', { handover, ...facts });
		const answer = humanAnswer(review, { includeAttempts, replayed: false });
		context.emit([[{ json: answer as unknown as IDataObject }]]);
		if (!executionsReach(taskStore)) deliveryKeeper.endSoon(store, decisionId);
	}
}
