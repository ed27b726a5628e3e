import type { INodeProperties } from 'n8n-workflow';

export const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [
		{
			displayName: 'Concurrency',
			name: 'concurrency',
			type: 'number',
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 5,
			description: 'How many items are worked on at the same time',
		},
		{
			displayName: 'Deadline (Seconds)',
			name: 'deadlineSeconds',
			type: 'number',
			typeOptions: { minValue: 0.1 },
			default: 300,
			description: 'How long one item may take over all models and pauses. Then it goes to a human.',
		},
		{
			displayName: 'Include Input',
			name: 'includeInput',
			type: 'boolean',
			default: true,
			description: 'Whether each answer carries the item it belongs to, in the field "input"',
		},
		{
			displayName: 'On Blocked Content',
			name: 'onBlocked',
			type: 'options',
			options: [
				{
					name: 'Ask the Next Model',
					value: 'failover',
				},
				{
					name: 'Escalate to a Human',
					value: 'escalate',
				},
			],
			default: 'failover',
			description: 'What to do when a model or its safety filter declines to answer',
		},
		{
			displayName: 'On Invalid Request',
			name: 'onInvalidRequest',
			type: 'options',
			options: [
				{
					name: 'Ask the Next Model',
					value: 'failover',
				},
				{
					name: 'Escalate to a Human',
					value: 'escalate',
				},
			],
			default: 'failover',
			description: 'What to do when a provider refuses the request as malformed',
		},
		{
			displayName: 'On Truncated Answer',
			name: 'onTruncated',
			type: 'options',
			options: [
				{
					name: 'Accept It, With a Flag',
					value: 'accept',
					description: 'The answer goes to Success with "truncated" set',
				},
				{
					name: 'Ask the Next Model',
					value: 'failover',
				},
				{
					name: 'Escalate to a Human',
					value: 'escalate',
				},
			],
			default: 'failover',
			description: 'What to do when an answer is cut off even with four times the output limit',
		},
		{
			displayName: 'Result Time to Live (Hours)',
			name: 'resultTtlHours',
			type: 'number',
			typeOptions: { minValue: 0.01 },
			default: 24,
			description: 'With "Process Each Task Only Once": how long an answer is kept to be given again',
		},
		{
			displayName: 'Retry Base Delay (Ms)',
			name: 'retryBaseDelayMs',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 1000,
			description: 'The pause before the first retry, in milliseconds. It grows with every further one.',
		},
		{
			displayName: 'Retry Max Delay (Ms)',
			name: 'retryMaxDelayMs',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 30000,
			description: 'The longest pause between retries, in milliseconds. A provider that asks for more gets more.',
		},
		{
			displayName: 'Review Due (Hours)',
			name: 'reviewDueHours',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description: 'How long a human has to decide about an escalated task before it counts as overdue. 0: no limit.',
		},
		{
			displayName: 'Review Page URL',
			name: 'reviewPageUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://n8n.example.com/webhook/review',
			description:
				'The Production URL of a Resilient LLM Review Trigger. Escalated items then carry a link to their review page.',
		},
	],
};

/** The options with these names, in this order, for a node that has only some of them. */
export function namedOptions(...names: readonly string[]): INodeProperties[] {
	const all = (options.options ?? []) as readonly INodeProperties[];
	return names.flatMap((wanted) => all.filter(({ name }) => name === wanted));
}
