import type { INodeProperties } from 'n8n-workflow';

import { providerIds, vendors, type ProviderId } from '../providers/vendors';

const step = (provider: ProviderId, id: string) => ({
	provider,
	model: { __rl: true, mode: 'list', value: id, cachedResultName: id, cachedResultUrl: vendors[provider].modelPage },
});

const required: INodeProperties[] = [
	{
		displayName: 'Provider',
		name: 'provider',
		type: 'options',
		options: providerIds.map((id) => {
			const { label, description } = vendors[id];
			return { name: label, value: id, ...(description !== undefined && { description }) };
		}),
		default: 'anthropic',
		required: true,
		description: 'Who runs the model. It needs a credential below.',
	},
	{
		displayName: 'Model',
		name: 'model',
		type: 'resourceLocator',
		// No `loadOptionsDependsOn`: with it, n8n clears the models of all entries whose position changes when one is
		// dragged. The list reloads without it.
		default: { mode: 'list', value: '' },
		required: true,
		description: 'The model to ask. The list comes from the provider, with your credential.',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a model…',
				typeOptions: {
					searchListMethod: 'searchModels',
					searchable: true,
					// Our own message about a missing credential is more specific than n8n's.
					skipCredentialsCheckInRLC: true,
				},
			},
			{
				displayName: 'ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. claude-haiku-5-5',
				// No regex validation: n8n aborts the whole execution if a regex takes too long on a busy machine.
			},
		],
	},
];

/**
 * Optional settings of a step. For fields that are not numbers, an empty value means "not set": n8n replaces a missing
 * value by the default, so a missing value cannot mean that.
 */
const optional: INodeProperties[] = [
	{
		displayName: 'Attempts',
		name: 'maxAttempts',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 3,
		description: 'How often this model is called at most, the first call included, before the next model has its turn',
	},
	{
		displayName: 'Context Window (Tokens)',
		name: 'contextWindow',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: '',
		placeholder: 'e.g. 8192',
		description:
			'How many tokens the model can hold, prompt and answer together. Leave empty to use the known size. For Ollama it also sets num_ctx.',
	},
	{
		displayName: 'Input Price (USD per Million Tokens)',
		name: 'inputPrice',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: '',
		placeholder: 'e.g. 0.1',
		description: 'What you pay for what the model reads. Leave empty to use the list price. Set both prices or none.',
	},
	{
		displayName: 'Maximum Output Tokens',
		name: 'maxOutputTokens',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 1024,
		description:
			'How long an answer may be, reasoning included. A cut answer is asked for once more with four times the room.',
	},
	{
		displayName: 'Output Price (USD per Million Tokens)',
		name: 'outputPrice',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: '',
		placeholder: 'e.g. 0.5',
		description: 'What you pay for what the model writes. Leave empty to use the list price. Set both prices or none.',
	},
	{
		displayName: 'Reasoning Effort',
		name: 'reasoningEffort',
		type: 'options',
		options: [
			{
				name: 'High',
				value: 'high',
			},
			{
				name: 'Low',
				value: 'low',
			},
			{
				name: 'Maximum',
				value: 'max',
			},
			{
				name: 'Medium',
				value: 'medium',
			},
			{
				name: 'Minimal',
				value: 'minimal',
			},
			{
				name: 'Model Default',
				value: '',
				description: 'Nothing about reasoning is sent',
			},
			{
				name: 'None',
				value: 'none',
			},
			{
				name: 'Very High',
				value: 'xhigh',
			},
		],
		default: '',
		description: 'How long the model may think before it answers, where the model takes such a setting',
	},
	{
		displayName: 'Temperature',
		name: 'temperature',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: '',
		placeholder: 'e.g. 0.2',
		description: 'How varied the answers are, from 0 to 2. Leave empty to send none: newer models refuse it.',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0.1 },
		default: 45,
		description: 'How long one attempt may take until the whole answer is there',
	},
];

export const providerOrder: INodeProperties = {
	displayName: 'Provider Order',
	name: 'providerOrder',
	type: 'fixedCollection',
	placeholder: 'Add Provider',
	typeOptions: {
		multipleValues: true,
		sortable: true,
		multipleValueButtonText: 'Add Provider',
		hideOptionalFields: true,
		addOptionalFieldButtonText: 'Add Option',
	},
	default: {
		step: [
			step('anthropic', 'claude-haiku-5-5'),
			step('openAi', 'gpt-6-luna'),
			step('gemini', 'gemini-3.5-flash-lite'),
		],
	},
	description: 'Tried from top to bottom until one answers. Drag to reorder.',
	options: [
		{
			displayName: 'Provider',
			name: 'step',
			values: [...required, ...optional],
		},
	],
};
