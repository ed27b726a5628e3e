import type { INodeProperties, IWebhookDescription } from 'n8n-workflow';

import { reviewStore } from './review';

const path = '={{ $parameter["path"] || $webhookId }}';

/** One address: GET shows the page, POST takes the decision. n8n tells them apart by their names. */
export const reviewPageWebhooks: IWebhookDescription[] = [
	{
		name: 'setup',
		httpMethod: 'GET',
		responseMode: 'onReceived',
		isFullPath: true,
		path,
		ndvHideMethod: true,
	},
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		isFullPath: true,
		path,
		ndvHideUrl: true,
	},
];

/** The second output is there only when something can come out of it. */
export const reviewTriggerOutputs =
	'={{ $parameter["remindOverdue"] ? [{ type: "main", displayName: "Decision" }, { type: "main", displayName: "Overdue" }] : [{ type: "main", displayName: "Decision" }] }}' as const;

/** Everything the user sees, in screen order. */
export const reviewTriggerProperties: INodeProperties[] = [
	{
		displayName:
			'Copy the Production URL under "Webhook URLs" into the option "Review Page URL" of the node that escalates, and publish this workflow. Each escalated item then carries a link to its own review page.',
		name: 'howTo',
		type: 'notice',
		default: '',
	},
	reviewStore,
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: '',
		placeholder: 'e.g. review',
		description: 'The last part of the page’s address. Leave empty for a random one.',
	},
	{
		displayName: 'Remind of Overdue Reviews',
		name: 'remindOverdue',
		type: 'boolean',
		default: false,
		description: 'Whether a second output gets each review once when its due time has passed and nobody has decided',
	},
	{
		displayName: 'Include Attempts',
		name: 'includeAttempts',
		type: 'boolean',
		default: true,
		description: 'Whether each decision carries what was tried before, in the field "attempts"',
	},
];
