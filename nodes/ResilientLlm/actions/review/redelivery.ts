import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';

import { logEvent } from '../../host/log';
import { receiverOf, takeUndelivered } from '../../review/decision-delivery';
import { humanAnswer } from '../../review/human-answer';
import { deliveryKeeper, executionsReach } from './deliveries';
import { openReviewStore } from './trigger-store';

/** Starts the workflow with each decision whose execution died, or was never started. */
export async function redeliverDecisions(context: ITriggerFunctions, stopped: AbortSignal): Promise<void> {
	const taskStore = context.getNodeParameter('taskStore');
	const includeAttempts = context.getNodeParameter('includeAttempts', true) === true;
	const { id: workflowId } = context.getWorkflow();
	const { id: nodeId, name: node } = context.getNode();
	const store = await openReviewStore(context, taskStore);
	for (const { review, handover } of await takeUndelivered(store, receiverOf(workflowId, nodeId))) {
		const { decision, identity } = review;
		const { decisionId } = decision;
		// Another process is the trigger now; or the store could not be told of an execution that is well and alive.
		if (stopped.aborted || deliveryKeeper.keeps(decisionId)) continue;
		const facts = { decision: decision.decision, taskId: identity.taskId, decisionId, workflowId, node };
		logEvent(context.logger, 'warn', 'review-redelivered', { handover, ...facts });
		const answer = humanAnswer(review, { includeAttempts, replayed: false });
		context.emit([[{ json: answer as unknown as IDataObject }]]);
		if (!executionsReach(taskStore)) deliveryKeeper.endSoon(store, decisionId);
	}
}
