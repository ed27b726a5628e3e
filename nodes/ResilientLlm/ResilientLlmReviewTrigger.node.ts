import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { serveReviewPage } from './actions/review/page';
import { sortReviewEvents } from './actions/review/outputs';
import { watchReviews } from './actions/review/watch';
import { reviewPageWebhooks, reviewTriggerOutputs, reviewTriggerProperties } from './description/review-trigger';
import { nodeVersionProblem } from './host/node-version';

export class ResilientLlmReviewTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Resilient LLM Review Trigger',
		name: 'resilientLlmReviewTrigger',
		icon: { light: 'file:resilientLlm.svg', dark: 'file:resilientLlm.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["path"] ? "/" + $parameter["path"] : "" }}',
		description: 'Shows humans the tasks that models could not do, and starts the workflow with what they decide',
		eventTriggerDescription: 'Waiting for a decision on the review page',
		activationMessage: 'The review page is now open at the Production URL of this node.',
		defaults: { name: 'Resilient LLM Review Trigger' },
		inputs: [],
		outputs: reviewTriggerOutputs,
		credentials: [
			{ name: 'resilientLlmPostgresApi', required: true, displayOptions: { show: { taskStore: ['postgres'] } } },
			{ name: 'resilientLlmRedisApi', required: true, displayOptions: { show: { taskStore: ['redis'] } } },
		],
		webhooks: reviewPageWebhooks,
		properties: reviewTriggerProperties,
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await serveReviewPage(this);
	}

	/**
	 * n8n calls this when the workflow is published. Checking here shows configuration problems to the workflow's author
	 * then, and not later to a reviewer. Throws `NodeOperationError` if n8n runs on an unsupported Node.js version.
	 */
	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const problem = nodeVersionProblem();
		if (problem !== undefined) throw new NodeOperationError(this.getNode(), problem);
		return watchReviews(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await sortReviewEvents(this);
	}
}
