import type { Call } from '../violation';
import { signThinking } from './thinking';

export const pixel = 'iVBORw0KGgo=';
export const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };
export const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } };
export const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
export const call: Call = { headers: { 'anthropic-version': '2026-10-21' } };
export const beta = 'thinking-binding-controls-2026-08-01';

export const opening = {
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
export const good = {
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

export const strictFormat = (inner: object) => ({ format: { type: 'json_schema', schema: inner } });
export const closed = { type: 'object', properties: {}, additionalProperties: false };
export const thinkingBlock = (signature: string, thinking = '') => ({ type: 'thinking', thinking, signature });
export const mark = { type: 'ephemeral' };

export const hour = { type: 'ephemeral', ttl: '1h' };
export const old: Call = { headers: { 'anthropic-version': '2023-06-01' } };
