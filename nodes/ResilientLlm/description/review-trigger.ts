import type { INodeProperties, IWebhookDescription } from 'n8n-workflow';

import { reviewStore } from './review';

const path = '={{ $parameter["path"] || $webhookId }}';

/**
 * GET (shows the review page) and POST (takes the decision) share one URL. n8n tells the two webhooks apart by name.
 */
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

/** The Overdue output exists only if reminders are switched on. */
export const reviewTriggerOutputs =
	'={{ $parameter["remindOverdue"] ? [{ type: "main", displayName: "Decision" }, { type: "main", displayName: "Overdue" }] : [{ type: "main", displayName: "Decision" }] }}' as const;

/** All parameters of the node, in the order shown. */
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
