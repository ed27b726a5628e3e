import { describe, expect, it } from 'vitest';

import { checkOllamaChat } from './ollama-chat';
import { describeHostileInput, describeRules, edited, type RuleCase } from './rule-cases';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const toolCall = (id: string, city: string) => ({ id, function: { name: 'weather', arguments: { city } } });

const good = {
	model: 'qwen3.8',
	stream: false,
	truncate: false,
	shift: false,
	think: 'low',
	options: { num_ctx: 8192, num_predict: 1024, temperature: 0.2 },
	tools: [{ type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: schema } }],
	messages: [
		{ role: 'system', content: 'Be brief.' },
		{ role: 'user', content: 'Weather in Rome and Oslo?', images: ['iVBORw0KGgo='] },
		{
			role: 'assistant',
			content: '',
			thinking: 'Two cities.',
			tool_calls: [toolCall('call_1', 'Rome'), toolCall('toolu_2', 'Oslo')],
		},
		{ role: 'tool', content: 'Sun', tool_name: 'weather', tool_call_id: 'call_1' },
		{ role: 'tool', content: 'Error: no such city', tool_name: 'weather', tool_call_id: 'toolu_2' },
	],
};

const cases: readonly RuleCase[] = [
	['field-type', { 'messages.1.content': [{ type: 'text', text: 'Hi' }] }],
	['field-type', { stream: 'yes' }],
	['field-type', { 'tools.0.function.parameters.required': 'city' }],
	['field-type', { 'tools.0.function.parameters.properties.city': true }],
	['field-type', { 'messages.2.tool_calls': {} }],
	['model', { model: '' }],
	['think', { think: 'minimal' }],
	['format', { format: 'json_schema' }],
	['option', { 'options.max_tokens': 7 }],
	['silent-loss', { truncate: undefined }],
	['silent-loss', { shift: true }],
	['format-with-tools', { format: 'json' }],
	['ignored-field', { tool_choice: 'required' }],
	['no-messages', { messages: [] }],
	['role', { 'messages.0.role': 'developer' }],
	['no-user', { 'messages.1': undefined }],
	['image', { 'messages.1.images.0': 'data:image/png;base64,iVBORw0KGgo=' }],
	['image', { 'messages.1.images.0': 'iVBORw0KGg' }],
	['call-arguments', { 'messages.2.tool_calls.0.function.arguments': '{"city":"Rome"}' }],
	['call-name', { 'messages.2.tool_calls.0.function.name': undefined }],
	['result-unexpected', { 'messages.2': undefined }],
	['result-name', { 'messages.3.tool_name': undefined }],
	['result-missing', { 'messages.4': undefined }],
	['result-missing', { 'messages.4': { role: 'user', content: 'Wait' } }],
	['tool-name', { 'tools.0.function.name': '' }],
	['schema-loss', { 'tools.0.function.parameters.properties.city.pattern': '^[A-Z]' }],
	['schema-loss', { 'tools.0.function.parameters.oneOf': [] }],
];

describeRules('checkOllamaChat', {
	check: checkOllamaChat,
	good,
	cases,
	files: ['ollama-chat.ts'],
	alsoGood: [
		[{ think: true }],
		[{ think: undefined, options: undefined, tools: undefined }],
		[{ format: schema, tools: undefined }],
		[{ 'messages.2.content': null }],
		[{ 'tools.0.function.parameters.properties.city.type': ['string', 'null'] }],
	],
	words: [
		['model is required', { model: undefined }],
		['invalid think value: "minimal" (must be "high", "medium", "low", "max", true, or false)', { think: 'minimal' }],
		['illegal base64 data at input byte 4', { 'messages.1.images.0': 'data:image/png;base64,iVBORw0KGgo=' }],
		[
			'json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string',
			{ 'messages.1.content': [] },
		],
	],
});
describeHostileInput('checkOllamaChat', checkOllamaChat, good);

describe('what Ollama takes', () => {
	it('no warning without cause', () => {
		expect(checkOllamaChat(good)).toEqual([]);
		expect(checkOllamaChat(edited(good, { format: schema, tools: [] }))).toEqual([]);
	});

	it('keywords that a model does not need are no loss', () => {
		const schemaOfN8n = {
			...schema,
			additionalProperties: false,
			$schema: 'http://json-schema.org/draft-07/schema#',
		};
		expect(checkOllamaChat(edited(good, { 'tools.0.function.parameters': schemaOfN8n }))).toEqual([]);
	});
});
