import type { RuleSuite } from '../rule-cases';
import { pdf, call, good, strictFormat, closed, mark, hour, old } from './good-conversation';

export const alsoGood: NonNullable<RuleSuite['alsoGood']> = [
	[{ 'tools.0.name': 'x'.repeat(64), 'messages.1.content.0': undefined }],
	[{ 'tools.0.type': 'custom', 'messages.1.content.0': undefined }],
	[{ 'tools.+': { type: 'web_search_20260318', name: 'web search' }, 'messages.1.content.0': undefined }],
	[{ 'messages.1.content.1.id': 'x'.repeat(64), 'messages.2.content.0.tool_use_id': 'x'.repeat(64) }],
	[{ 'messages.2.content.0.content': undefined }],
	[{ 'messages.2.content.0.content': '' }],
	[{ 'messages.2.content.0.content.+': pdf }],
	[
		{
			'messages.0.content.0.source': { type: 'url', url: 'https://example.org/a.png' },
			'messages.1.content.0': undefined,
		},
	],
	[{ tool_choice: undefined, 'output_config.effort': undefined }],
	[{ tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true } }],
	[{ tool_choice: { type: 'none' } }],
	[{ thinking: { type: 'disabled' }, 'output_config.effort': 'high' }],
	[{ thinking: undefined }],
	[{ thinking: { type: 'adaptive', display: 'summarized' } }],
	[
		{
			cache_control: mark,
			tools: [1, 2].map((n) => ({ ...good.tools[0], name: `t${n}`, cache_control: hour })),
			'messages.1': undefined,
			'messages.2': undefined,
			messages: [{ role: 'user', content: 'Hi' }],
		},
	],
	[{ 'tools.0.cache_control': hour }],
	[
		{
			output_config: strictFormat({
				...closed,
				properties: { tags: { type: 'array', items: {}, minItems: 1 } },
			}),
		},
	],
	[{ output_config: { effort: 'xhigh' }, model: 'claude-opus-4-8', 'messages.1.content.0': undefined }],
	[
		{
			temperature: 0.5,
			model: 'claude-haiku-4-5',
			thinking: undefined,
			output_config: undefined,
			'messages.1.content.0': undefined,
		},
		old,
	],
	[{ temperature: 1 }, old],
	[{ thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 1025, model: 'claude-sonnet-4-6' }],
	[
		{
			messages: [...good.messages.slice(0, 1), { role: 'assistant', content: 'The' }],
			model: 'claude-haiku-4-5',
			thinking: undefined,
			output_config: undefined,
		},
	],
	[{}, { headers: { ...call.headers, 'content-length': '33554432' } }],
];

export const words: NonNullable<RuleSuite['words']> = [
	['temperature: Extra inputs are not permitted', { temperature: 0 }],
	['messages: text content blocks must be non-empty', { 'messages.0.content.2.text': '' }],
	['messages: text content blocks must contain non-whitespace text', { 'messages.0.content.2.text': '\n' }],
	['messages: at least one message is required', { messages: [] }],
	[
		"messages.1.content.1.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
		{ 'messages.1.content.1.id': 'functions.weather:0' },
	],
	[
		'messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. ' +
			'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
		{ 'messages.2.content.0.tool_use_id': 'toolu_9' },
	],
	[
		'tool_choice forces tool use is not compatible with this model.',
		{ tool_choice: { type: 'any' }, model: 'claude-opus-5-5' },
	],
	[
		'This model does not support assistant message prefill. The conversation must end with a user message.',
		{ 'messages.+': { role: 'assistant', content: 'The' } },
	],
	['adaptive thinking is not supported on this model', { model: 'claude-sonnet-4-5' }],
	[
		'"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and ' +
			'"output_config.effort" to control thinking behavior.',
		{ thinking: { type: 'enabled', budget_tokens: 1024 } },
	],
	[
		"messages.2.content.2.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' " +
			'cache_control block. ' +
			'Note that blocks are processed in the following order: `tools`, `system`, `messages`.',
		{ 'system.0.cache_control': mark, 'messages.2.content.2.cache_control': hour },
	],
	[
		"tools.0.custom.input_schema.properties.city: property 'minLength' is not supported",
		{
			'tools.0.strict': true,
			'tools.0.input_schema': {
				...closed,
				properties: { city: { type: 'string', minLength: 1, pattern: 'a' } },
			},
		},
	],
];
