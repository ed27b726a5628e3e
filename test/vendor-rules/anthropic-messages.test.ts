import { describe, expect, it } from 'vitest';

import { checkAnthropicMessages } from './anthropic-messages';
import { signThinking } from './anthropic/thinking';
import { describeHostileInput, describeRules, edited, rulesOf, type RuleCase } from './rule-cases';
import { seal } from './seal';
import { firstRefusal, type Call } from './violation';

const pixel = 'iVBORw0KGgo=';
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };
const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } };
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const call: Call = { headers: { 'anthropic-version': '2026-10-21' } };
const beta = 'thinking-binding-controls-2026-08-01';

const opening = {
	model: 'claude-haiku-5-5',
	max_tokens: 1024,
	system: [{ type: 'text', text: 'Be brief. '.repeat(400), cache_control: { type: 'ephemeral', ttl: '1h' } }],
	tools: [{ name: 'weather', description: 'Tells the weather.', input_schema: schema }],
	tool_choice: { type: 'auto' },
	thinking: { type: 'adaptive' },
	output_config: { effort: 'low' },
	messages: [{ role: 'user', content: [image, pdf, { type: 'text', text: 'Weather in Rome and Oslo?' }] }],
};

/** A tool loop: two calls at once, one of which fails, with the thinking that led to them. */
const good = {
	...opening,
	messages: [
		...opening.messages,
		{
			role: 'assistant',
			content: [
				{ type: 'thinking', thinking: '', signature: signThinking(opening, '') },
				{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } },
				{ type: 'tool_use', id: 'call_2', name: 'weather', input: { city: 'Oslo' } },
			],
		},
		{
			role: 'user',
			content: [
				{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'Sun' }, image] },
				{ type: 'tool_result', tool_use_id: 'call_2', content: 'No such city', is_error: true },
				{ type: 'text', text: 'Go on.', cache_control: { type: 'ephemeral' } },
			],
		},
	],
};

const strictFormat = (inner: object) => ({ format: { type: 'json_schema', schema: inner } });
const closed = { type: 'object', properties: {}, additionalProperties: false };
const thinkingBlock = (signature: string, thinking = '') => ({ type: 'thinking', thinking, signature });
const mark = { type: 'ephemeral' };

const hour = { type: 'ephemeral', ttl: '1h' };
const old: Call = { headers: { 'anthropic-version': '2023-06-01' } };

const cases: readonly RuleCase[] = [
	['extra-field', { temperature: 1 }],
	['extra-field', { 'messages.1.reasoning_content': 'I think' }],
	['extra-field', { 'messages.1.content.1.index': 0 }],
	['version', {}, { headers: {} }],
	['temperature', { temperature: 0.5 }, { headers: { 'anthropic-version': '2023-06-01' } }],
	['required', { max_tokens: undefined }],
	['max-tokens', { max_tokens: 0.5 }],
	['service-tier', { service_tier: 'flex' }],
	['surrogate', { 'system.0.text': 'Half a face: \ud83d' }],
	['empty-text', { 'system.0.text': ' ' }],
	['empty-text', { 'messages.0.content.2.text': '' }],
	['size', {}, { headers: { 'anthropic-version': '2026-10-21', 'content-length': '33554433' } }],
	['no-messages', { messages: [] }],
	['role', { 'messages.0.role': 'tool' }],
	['empty-message', { 'messages.1.content': [] }],
	['first-role', { 'messages.0': undefined }],
	['system-message', { 'messages.+': { role: 'system', content: 'Stop.' }, model: 'claude-sonnet-5' }],
	['system-message', { 'messages.2.role': 'system' }],
	['system-message', { messages: [good.messages[0], { role: 'system', content: 'Stop.' }, ...good.messages] }],
	['system-message', { messages: [{ role: 'system', content: 'Stop.' }, ...good.messages] }],
	['prefill', { 'messages.+': { role: 'assistant', content: 'The weather' } }],
	['prefill-whitespace', { 'messages.+': { role: 'assistant', content: 'The ' }, model: 'claude-haiku-4-5' }],
	['block-type', { 'messages.0.content.0.type': 'image_url' }],
	['block-role', { 'messages.1.content.+': pdf }],
	['media-type', { 'messages.0.content.0.source.media_type': 'image/bmp' }],
	['base64', { 'messages.0.content.0.source.data': 'data:image/png;base64,iVBORw0KGgo=' }],
	['image-size', { 'messages.0.content.0.source.data': 'A'.repeat(11 * 1024 * 1024) }],
	['tool-use-id', { 'messages.1.content.1.id': 'functions.weather:0' }],
	['tool-use-id-length', { 'messages.1.content.1.id': 'x'.repeat(65) }],
	['tool-use-input', { 'messages.1.content.1.input': '{"city":"Rome"}' }],
	['tool-use-name', { 'messages.1.content.1.name': '' }],
	['result-content', { 'messages.2.content.0.content.0': { type: 'input_text', text: 'Sun' } }],
	['error-result-content', { 'messages.2.content.0.is_error': true }],
	['tool-use-unique', { 'messages.1.content.2.id': 'toolu_1' }],
	['result-missing', { 'messages.2.content.1': undefined }],
	['result-missing', { 'messages.2.content': [{ type: 'text', text: 'Wait' }, ...good.messages[2]!.content] }],
	['result-unexpected', { 'messages.2.content.0.tool_use_id': 'toolu_9' }],
	['result-twice', { 'messages.2.content.1.tool_use_id': 'toolu_1' }],
	['tool-name', { 'tools.0.name': 'the weather' }],
	['tool-name', { 'tools.0.name': 'x'.repeat(65) }],
	['tool-unique', { 'tools.+': good.tools[0] }],
	['input-schema', { 'tools.0.input_schema': undefined }],
	['input-schema-type', { 'tools.0.input_schema': {} }],
	['input-schema-type', { 'tools.0.input_schema.type': 'string' }],
	['input-schema-top', { 'tools.0.input_schema.anyOf': [] }],
	['input-schema-draft', { 'tools.0.input_schema.properties.city.enum': 'Rome' }],
	['choice-without-tools', { tools: undefined }],
	['choice-type', { tool_choice: { type: 'required' } }],
	['choice-type', { tool_choice: 'auto' }],
	['choice-unknown', { tool_choice: { type: 'tool', name: 'time' } }],
	['history-without-tools', { tools: undefined, tool_choice: undefined }],
	['effort', { 'output_config.effort': 'minimal' }],
	['effort-unsupported', { model: 'claude-sonnet-4-5' }],
	['format', { 'output_config.format': { type: 'json_object' } }],
	['format-with-prefill', { output_config: strictFormat(closed), 'messages.+': { role: 'assistant', content: '{' } }],
	[
		'strict-keyword',
		{ output_config: strictFormat({ ...closed, properties: { age: { type: 'integer', minimum: 0 } } }) },
	],
	['strict-additional', { output_config: strictFormat({ type: 'object', properties: {} }) }],
	['strict-additional', { 'tools.0.strict': true }],
	['strict-min-items', { output_config: strictFormat({ type: 'array', items: closed, minItems: 2 }) }],
	['thinking-type', { thinking: { type: 'enabled', budget_tokens: 1024 } }],
	['thinking-type', { thinking: { type: 'disabled' }, model: 'claude-sonnet-5-5' }],
	['thinking-type', { thinking: { type: 'between_tools' } }],
	['thinking-off-at-high-effort', { thinking: { type: 'disabled' }, 'output_config.effort': 'max' }],
	['thinking-budget', { thinking: { type: 'enabled' }, model: 'claude-haiku-4-5' }],
	['thinking-budget', { thinking: { type: 'enabled', budget_tokens: 1000 }, model: 'claude-haiku-4-5' }],
	['thinking-budget', { thinking: { type: 'enabled', budget_tokens: 2000 }, model: 'claude-haiku-4-5' }],
	['thinking-display', { thinking: { type: 'disabled', display: 'omitted' } }],
	[
		'thinking-with-forced-tool',
		{ thinking: { type: 'enabled' }, tool_choice: { type: 'any' }, model: 'claude-haiku-4-5' },
	],
	['forced-tool', { tool_choice: { type: 'any' }, model: 'claude-sonnet-5-5' }],
	['forced-tool', { tool_choice: { type: 'tool', name: 'weather' }, model: 'claude-opus-5-5' }],
	['block-binding-beta', { 'thinking.block_binding': { prefix_mismatch_behavior: 'drop_block' } }],
	['redacted-data', { 'messages.1.content.0': { type: 'redacted_thinking', data: '' } }],
	['thinking-role', { 'messages.0.content.+': thinkingBlock('x') }],
	['signature-missing', { 'messages.1.content.0.signature': undefined }],
	['signature-invalid', { 'messages.1.content.0.signature': 'EqQBCgIYAhIM1gbcDa9GJwZA2b' }],
	['signature-invalid', { 'messages.1.content.0.signature': seal({ vendor: 'gemini', model: 'claude-haiku-5-5' }) }],
	['thinking-modified', { 'messages.1.content.0.thinking': 'Not what I thought' }],
	['thinking-of-other-model', { model: 'claude-opus-5' }],
	['thinking-bound-elsewhere', { 'system.0.text': 'Be verbose.' }],
	['thinking-bound-elsewhere', { 'tools.0.description': 'Tells the weather of today.' }],
	['thinking-bound-elsewhere', { 'messages.0.content.2.text': 'Weather in Rome?' }],
	[
		'thinking-dropped',
		{ 'system.0.text': 'Be verbose.', 'thinking.block_binding': { prefix_mismatch_behavior: 'drop_block' } },
		{ headers: { 'anthropic-version': '2026-10-21', 'anthropic-beta': beta } },
	],
	['thinking-first', { 'messages.1.content.0': undefined, thinking: { type: 'enabled' }, model: 'claude-haiku-4-5' }],
	[
		'cache-marks',
		{
			cache_control: mark,
			tools: [1, 2, 3].map((n) => ({ ...good.tools[0], name: `t${n}`, cache_control: mark })),
		},
	],
	['cache-type', { 'system.0.cache_control': { type: 'persistent' } }],
	['cache-ttl', { 'system.0.cache_control.ttl': '24h' }],
	['cache-empty-text', { 'system.0.text': '' }],
	['cache-thinking', { 'messages.1.content.0.cache_control': mark }],
	['cache-ttl-order', { 'tools.0.cache_control': mark }],
	['cache-minimum', { 'system.0.text': 'Be brief.' }],
	['cache-minimum', { model: 'claude-haiku-4-5' }],
	['cache-automatic-ttl', { cache_control: { type: 'ephemeral', ttl: '1h' } }],
];

describeRules('checkAnthropicMessages', {
	check: checkAnthropicMessages,
	good,
	call,
	cases,
	alsoGood: [
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
	],
	words: [
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
			'"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
			{ thinking: { type: 'enabled', budget_tokens: 1024 } },
		],
		[
			"messages.2.content.2.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. " +
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
	],
	files: ['blocks', 'caching', 'pairing', 'thinking', 'tools']
		.map((name) => `anthropic/${name}.ts`)
		.concat('anthropic-messages.ts'),
});
describeHostileInput('checkAnthropicMessages', checkAnthropicMessages, good);

describe('what Claude takes', () => {
	const refusals = (body: object) =>
		rulesOf(checkAnthropicMessages(body, call).filter(({ severity }) => severity === 'refused'));

	it('a tool loop of another vendor, without any thinking', () => {
		expect(refusals(edited(good, { 'messages.1.content.0': undefined, model: 'claude-opus-5-5' }))).toEqual([]);
	});

	it('marks for the cache that move on, beside thinking that is bound to what stands before it', () => {
		const moved = edited(good, { 'system.0.cache_control': undefined, 'messages.0.content.2.cache_control': mark });
		expect(refusals(moved)).toEqual([]);
	});

	it('results in two messages, and a text as string or as block: both are the same conversation', () => {
		const [first, second, third] = good.messages[2]!.content;
		const split = { 'messages.2.content': [first], 'messages.+': { role: 'user', content: [second, third] } };
		expect(refusals(edited(good, split))).toEqual([]);
		expect(refusals(edited(good, { system: 'Be brief. '.repeat(400) }))).toEqual([]);
	});

	it('a system message behind the results of tools', () => {
		expect(refusals(edited(good, { 'messages.+': { role: 'system', content: 'Hurry.' } }))).toEqual([]);
	});

	it('forced tools on the models that have kept them', () => {
		expect(refusals(edited(good, { tool_choice: { type: 'any' } }))).toEqual([]);
		expect(refusals(edited(good, { tool_choice: { type: 'any' }, model: 'claude-opus-5' }))).toEqual([]);
	});

	it('thinking left out of the middle makes the later blocks invalid', () => {
		const second = { type: 'thinking', thinking: '', signature: signThinking(good, '') };
		const grown = {
			...good,
			messages: [
				...good.messages,
				{ role: 'assistant', content: [second, { type: 'text', text: 'Sun.' }] },
				{ role: 'user', content: 'And tomorrow?' },
			],
		};
		expect(refusals(grown)).toEqual([]);
		expect(refusals(edited(grown, { 'messages.1.content.0': undefined }))).toEqual(['thinking-bound-elsewhere']);
	});

	it('says it in the words of the API', () => {
		const orphan = checkAnthropicMessages(edited(good, { 'messages.2.content.1': undefined }), call);
		expect(firstRefusal(orphan)?.message).toBe(
			'messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: call_2. ' +
				'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
		);
	});
});
