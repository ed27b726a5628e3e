import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { wallClock } from '../../host/clock';
import { logEvent, nodeScope } from '../../host/log';
import { humanAnswer } from '../../review/human-answer';
import type { Page } from '../../review/page/document';
import { receiverOf } from '../../review/decision-delivery';
import { showReview, takeDecision, type ReviewDesk } from '../../review/review-desk';
import { deliveryKeeper, executionsReach } from './deliveries';
import { openReviewStore } from './trigger-store';

/** Serves the review page. The first decision on a review starts the workflow. */
export async function serveReviewPage(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const desk = deskOf(context);
	if (context.getWebhookName() === 'setup') {
		const { token } = context.getQueryData() as IDataObject;
		return send(context, await showReview(desk, token));
	}
	const { page, decided, handover } = await takeDecision(desk, context.getBodyData());
	if (decided === undefined) return send(context, page);

	const { identity, decision } = decided;
	const { decisionId } = decision;
	const facts = { decision: decision.decision, taskId: identity.taskId, decisionId, ...nodeScope(context) };
	if (handover === undefined) logEvent(context.logger, 'info', 'review-decided', facts);
	else logEvent(context.logger, 'warn', 'review-redelivered', { handover, ...facts });
	if (!executionsReach(taskStoreOf(context))) deliveryKeeper.endSoon(await desk.store(), decisionId);
	const includeAttempts = context.getNodeParameter('includeAttempts', true) === true;
	const answer = humanAnswer(decided, { includeAttempts, replayed: false });
	return { ...send(context, page), workflowData: [[{ json: answer as unknown as IDataObject }]] };
}

function deskOf(context: IWebhookFunctions): ReviewDesk {
	return {
		store: async () => await openReviewStore(context, taskStoreOf(context)),
		receiver: receiverOf(context.getWorkflow().id, context.getNode().id),
		isInHand: deliveryKeeper.keeps,
		now: wallClock.now,
		timeZone: context.getTimezone(),
		warn: (error) =>
			logEvent(context.logger, 'error', 'review-page-failed', { message: error.message, ...nodeScope(context) }),
	};
}

function taskStoreOf(context: IWebhookFunctions): unknown {
	return context.getNodeParameter('taskStore');
}

/** Writes the response directly, because n8n would replace the page's Content-Security-Policy by its own. */
function send(context: IWebhookFunctions, { status, headers, body }: Page): IWebhookResponseData {
	const response = context.getResponseObject();
	response.writeHead(status, headers);
	response.end(body);
	return { noWebhookResponse: true };
}
