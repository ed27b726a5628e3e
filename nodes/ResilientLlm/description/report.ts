import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { reviewStore } from './review';

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Get',
			value: 'get',
			description: 'Get who answered, what failed and why, what it cost, how slow it was, and what changed',
			action: 'Get a report',
		},
	],
	default: 'get',
};

const store: INodeProperties = {
	...reviewStore,
	description: 'Where the tasks are remembered: the same as in the nodes to report on',
};

const scope: INodeProperties[] = [
	{
		displayName: 'Window (Hours)',
		name: 'windowHours',
		type: 'number',
		typeOptions: { minValue: 0.1, maxValue: 720, numberPrecision: 2 },
		default: 24,
		description: 'How far back the report goes, up to 720 hours. It is compared with the same time before that.',
	},
	{
		displayName: 'Workflow ID',
		name: 'workflowId',
		type: 'string',
		default: '',
		placeholder: 'e.g. Nv8cD2bQxL0sT4aZ',
		description: 'The workflow to report on. Leave empty for all of them.',
	},
	{
		displayName: 'Group By',
		name: 'groupBy',
		type: 'options',
		options: [
			{
				name: 'Model',
				value: 'model',
				description: 'Which model fails, is slow, or costs much',
			},
			{
				name: 'Node',
				value: 'node',
				description: 'Which node needs fallbacks or humans',
			},
			{
				name: 'Provider',
				value: 'provider',
				description: 'Which vendor fails, is slow, or costs much',
			},
			{
				name: 'Workflow',
				value: 'workflow',
				description: 'Which workflow needs fallbacks or humans',
			},
		],
		default: 'model',
		description: 'By what the numbers are broken down, in the field "groups"',
	},
];

const thresholds: INodeProperties[] = [
	{
		displayName: 'Maximum Fallback Rate (%)',
		name: 'maxFallbackRate',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 100 },
		default: 20,
		description: 'If more of the tasks than this are answered by a later model, "alert" is true. 100: never.',
	},
	{
		displayName: 'Maximum Escalation Rate (%)',
		name: 'maxEscalationRate',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 100 },
		default: 5,
		description: 'If more of the tasks than this go to a human, "alert" is true. 100: never.',
	},
	{
		displayName: 'Maximum Cost (USD)',
		name: 'maxCostUsd',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'If the calls of the window cost more than this, "alert" is true. 0: no limit.',
	},
	{
		displayName: 'Minimum Tasks',
		name: 'minimumTasks',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 10,
		description: 'With fewer tasks in the window than this, a rate raises no alert',
	},
];

const formats: INodeProperties = {
	displayName: 'Also Give a Page',
	name: 'formats',
	type: 'multiOptions',
	options: [
		{
			name: 'As a File',
			value: 'file',
			description: 'The same page as a file in the binary field "report", to attach or to store',
		},
		{
			name: 'As Text',
			value: 'html',
			description: 'One HTML page in the field "html", for the body of an email or the response to a webhook',
		},
	],
	default: [],
	description: 'The report as one HTML page with charts, next to the numbers',
};

/** The report operation and its parameters, in the order shown. */
export const reportProperties = updateDisplayOptions({ show: { resource: ['report'] } }, [
	operation,
	store,
	...scope,
	...thresholds,
	formats,
]);
