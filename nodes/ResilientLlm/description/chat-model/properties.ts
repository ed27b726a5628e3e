import type { INodeProperties } from 'n8n-workflow';

import { namedOptions } from '../options';
import { providerOrder } from '../provider-order';
import { taskStoreOptions } from '../task';

const responseFormat: INodeProperties = {
	displayName: 'Response Format',
	name: 'responseFormat',
	type: 'options',
	options: [
		{
			name: 'JSON',
			value: 'json',
			description: 'The answer is one JSON value, checked before it leaves',
		},
		{
			name: 'Text',
			value: 'text',
		},
	],
	default: 'text',
	description: 'What an answer must be. Calls of tools are not bound by it.',
};

const deadline: INodeProperties = {
	displayName: 'Deadline (Seconds)',
	name: 'deadlineSeconds',
	type: 'number',
	typeOptions: { minValue: 0.1 },
	default: 300,
	description: 'How long one turn may take over all models and pauses. Then it fails.',
};

/** All parameters of the node, in the order shown. */
export const chatModelProperties: INodeProperties[] = [
	{
		displayName: 'Connect this to the Chat Model of an AI Agent or a chain',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	providerOrder,
	{
		displayName: 'Credentials',
		name: 'credentials',
		type: 'credentials',
		default: '',
	},
	{
		displayName: 'When All Models Fail',
		name: 'whenAllFail',
		type: 'options',
		options: [
			{
				name: 'Fail With an Error',
				value: 'error',
				description: 'The error names who failed how. The error output of the agent gets it.',
			},
			{
				name: 'Ask a Human, Then Fail',
				value: 'review',
				description:
					'The conversation is stored as a review first; the error names the task and the link. A human’s answer starts the workflow of the Review Trigger.',
			},
		],
		default: 'error',
		description: 'What to do when no model answers a turn',
	},
	{
		displayName: 'Answer Delivery',
		name: 'answerDelivery',
		type: 'options',
		options: [
			{
				name: 'Live',
				value: 'live',
				description:
					'Written as it comes. Other models take over until the first word; after that, a failure is an error.',
			},
			{
				name: 'Whole',
				value: 'whole',
				description: 'Checked first, then sent at once. Nobody sees that another model took over.',
			},
		],
		default: 'whole',
		description: 'How an answer reaches a chat that streams',
	},
	{
		displayName: 'Task Store',
		name: 'taskStore',
		type: 'options',
		options: taskStoreOptions,
		default: 'embedded',
		description: 'Where the numbers for reports are kept, and the reviews',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			deadline,
			responseFormat,
			...namedOptions('retryBaseDelayMs', 'retryMaxDelayMs', 'reviewDueHours', 'reviewPageUrl'),
		],
	},
];
