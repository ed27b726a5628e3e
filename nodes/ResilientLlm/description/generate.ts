import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { options } from './options';
import { outputFormat } from './output-format';
import { providerOrder } from './provider-order';
import { task } from './task';

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Generate',
			value: 'generate',
			description: 'Ask the models in order until one answers, or hand the task to a human',
			action: 'Generate a completion',
		},
	],
	default: 'generate',
};

const inScreenOrder: INodeProperties[] = [
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		required: true,
		placeholder: 'e.g. Summarize this ticket in two sentences: …',
		description: 'What the model should do, and the text it should do it with',
	},
	{
		displayName: 'System Message',
		name: 'systemMessage',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. You are a support agent. Answer in the language of the customer.',
		description: 'The role and the rules the model should keep to. Leave empty to send none.',
	},
	providerOrder,
	{
		displayName: 'Credentials',
		name: 'credentials',
		type: 'credentials',
		default: '',
	},
	{
		displayName: 'Who May Answer',
		name: 'confidence',
		type: 'options',
		options: [
			{
				name: 'Any Model',
				value: 'any',
				description: 'The first model that gives a good answer',
			},
			{
				name: 'Only the First Model',
				value: 'high',
				description: 'If it cannot, a human gets the task on Escalate',
			},
			{
				name: 'A Model, After a Human Review',
				value: 'review',
				description: 'Every answer goes to Escalate as a draft for a human to approve',
			},
		],
		default: 'any',
		description: 'Whose answer is good enough for this item. An expression may choose per item: any, high or review.',
	},
	...outputFormat,
	{
		displayName: 'Binary Fields',
		name: 'binaryFields',
		type: 'string',
		default: '',
		placeholder: 'e.g. data, invoice',
		description:
			'Names of the input fields that hold images (PNG, JPEG, WebP, GIF) or PDFs for the model to read, separated by commas',
	},
	...task,
	options,
];

export const generateProperties = [
	...updateDisplayOptions({ show: { resource: ['completion'] } }, [operation]),
	...updateDisplayOptions({ show: { resource: ['completion'], operation: ['generate'] } }, inScreenOrder),
];
