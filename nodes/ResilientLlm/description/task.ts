import type { INodeProperties } from 'n8n-workflow';

/** The task stores to choose from. Also used by the operations on reviews and by the Review Trigger. */
export const taskStoreOptions: NonNullable<INodeProperties['options']> = [
	{
		name: 'Embedded',
		value: 'embedded',
		description: 'A file in the folder of n8n. For one machine.',
	},
	{
		name: 'None',
		value: 'none',
		description: 'Nothing is remembered: no reviews, no reports, no protection against duplicates',
	},
	{
		name: 'PostgreSQL',
		value: 'postgres',
		description: 'For queue mode and several machines',
	},
	{
		name: 'Redis',
		value: 'redis',
		description: 'For queue mode and several machines',
	},
];

export const task: INodeProperties[] = [
	{
		displayName: 'Task ID',
		name: 'taskId',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.orderId }}',
		description:
			'Names the work on this item, such as the ID of a ticket or an order. Leave empty to derive one from the input.',
	},
	{
		displayName: 'Task Store',
		name: 'taskStore',
		type: 'options',
		options: taskStoreOptions,
		default: 'embedded',
		description:
			'Where tasks are remembered: what they cost, which ones wait for a human, and which ones were done before',
	},
	{
		displayName: 'Process Each Task Only Once',
		name: 'preventDuplicates',
		type: 'boolean',
		default: false,
		description:
			'Whether a task that was answered before gets the stored answer instead of being paid for again. Tasks are told apart by Task ID.',
	},
];
