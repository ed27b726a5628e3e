import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { taskStoreOptions } from './task';

/** The task store of a review operation. There is no option `none`, as reviews exist only in a store. */
export const reviewStore: INodeProperties = {
	displayName: 'Task Store',
	name: 'taskStore',
	type: 'options',
	options: taskStoreOptions.filter((option) => !('value' in option) || option.value !== 'none'),
	default: 'embedded',
	description: 'Where the escalated tasks are kept: the same as in the node that escalates them',
};

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Get',
			value: 'get',
			description: 'Get the review of a task, decided or not',
			action: 'Get a review',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			description: 'Get the tasks that wait for a human, or the decisions made',
			action: 'Get many reviews',
		},
		{
			name: 'Resolve',
			value: 'resolve',
			description: 'Decide a review from this workflow; the first decision counts',
			action: 'Resolve a review',
		},
	],
	default: 'get',
};

const taskId: INodeProperties = {
	displayName: 'Task ID',
	name: 'taskId',
	type: 'string',
	default: '={{ $json.taskId }}',
	required: true,
	description: 'The taskId of the escalated item. If several reviews share it, the newest one is meant.',
};

const listing: INodeProperties[] = [
	{
		displayName: 'Status',
		name: 'status',
		type: 'options',
		options: [
			{
				name: 'Any',
				value: 'any',
			},
			{
				name: 'Expired',
				value: 'expired',
				description: 'Nobody decided in time',
			},
			{
				name: 'Overdue',
				value: 'overdue',
				description: 'Still waiting although due',
			},
			{
				name: 'Resolved',
				value: 'resolved',
				description: 'A human has decided',
			},
			{
				name: 'Undelivered',
				value: 'undelivered',
				description: 'A human has decided, but no execution of the Review Trigger’s workflow has ended with it yet',
			},
			{
				name: 'Waiting for a Human',
				value: 'pending',
				description: 'Due or not',
			},
		],
		default: 'pending',
		description: 'Which reviews to get, the newest first',
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
];

const resolving: INodeProperties[] = [
	{
		displayName: 'Decision',
		name: 'decision',
		type: 'options',
		options: [
			{
				name: 'Answer',
				value: 'answer',
				description: 'Give a new answer',
			},
			{
				name: 'Approve',
				value: 'approve',
				description: 'Let the draft go on as the answer, word for word',
			},
			{
				name: 'Edit',
				value: 'edit',
				description: 'Give a corrected draft',
			},
			{
				name: 'Reject',
				value: 'reject',
				description: 'Let no answer go on: the output is null',
			},
		],
		default: 'approve',
		description: 'What the human decided. An expression may say it: answer, approve, edit or reject.',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		displayOptions: { show: { decision: ['answer', 'edit'] } },
		description: 'The answer. Where the task asks for JSON, this must be JSON that fits its schema.',
	},
	{
		displayName: 'Reviewer',
		name: 'reviewer',
		type: 'string',
		default: '',
		placeholder: 'e.g. Ada Lovelace',
		description: 'Who decided',
	},
	{
		displayName: 'Comment',
		name: 'comment',
		type: 'string',
		default: '',
		description: 'What else the human had to say',
	},
];

const shownFor = (operations: string[], properties: INodeProperties[]): INodeProperties[] =>
	updateDisplayOptions({ show: { operation: operations } }, properties);

/** The operations on reviews and their parameters, in the order shown. */
export const reviewProperties = updateDisplayOptions({ show: { resource: ['review'] } }, [
	operation,
	reviewStore,
	...shownFor(['get', 'resolve'], [taskId]),
	...shownFor(['getAll'], listing),
	...shownFor(['resolve'], resolving),
]);
