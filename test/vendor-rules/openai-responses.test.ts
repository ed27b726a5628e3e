import { describe, expect, it } from 'vitest';

import { sharedFunctionCases } from './openai/function-cases';
import { checkOpenAiResponses } from './openai-responses';
import { encryptReasoning } from './openai/responses-input';
import { describeHostileInput, describeRules, edited, rulesOf, type RuleCase } from './rule-cases';
import { seal } from './seal';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const image = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' };
const file = { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' };
const model = 'gpt-6-luna';

/** Reasoning that led to one call, a call of another vendor beside it, an image as result. */
const good = {
	model,
	instructions: 'Be brief.',
	max_output_tokens: 1024,
	reasoning: { effort: 'none' },
	temperature: 0.2,
	store: false,
	include: ['reasoning.encrypted_content'],
	prompt_cache_key: 'workflow-7',
	prompt_cache_options: { mode: 'implicit', ttl: '12h' },
	service_tier: 'flex',
	tools: [{ type: 'function', name: 'weather', description: 'Tells it.', parameters: schema, strict: false }],
	tool_choice: 'auto',
	text: { format: { type: 'json_schema', name: 'answer', schema, strict: false } },
	input: [
		{ role: 'user', content: [image, file, { type: 'input_text', text: 'Weather in Rome and Oslo?' }] },
		{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encryptReasoning({ model }) },
		{ type: 'function_call', id: 'fc_reasoned1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
		{ type: 'function_call', call_id: 'toolu_2', name: 'weather', arguments: '{"city":"Oslo"}' },
		{ type: 'function_call_output', call_id: 'call_1', output: [image] },
		{ type: 'function_call_output', call_id: 'toolu_2', output: 'Error: no such city' },
		{ role: 'assistant', content: [{ type: 'output_text', text: 'Sun.' }] },
		{ role: 'user', content: 'And tomorrow?' },
	],
};

const cases: readonly RuleCase[] = [
	...sharedFunctionCases('tools.0'),
	['model', { model: undefined }],
	['max-tokens', { max_output_tokens: 8 }],
	['tool-shape', { 'tools.0': { type: 'function', function: { name: 'weather', parameters: schema } } }],
	['strict-additional', { 'tools.0.strict': undefined }],
	['choice', { tool_choice: 'any' }],
	['choice', { tool_choice: { type: 'function', name: 'time' } }],
	['choice-shape', { tool_choice: { type: 'function', function: { name: 'weather' } } }],
	['only-with-tools', { tools: [], tool_choice: 'required' }],
	['json-word', { 'text.format': { type: 'json_object' } }],
	['unknown-parameter', { 'text.format.json_schema': {} }],
	['unknown-parameter', { messages: [] }],
	['input', { input: [] }],
	['item-type', { 'input.1.type': 'thinking' }],
	['item-unique', { 'input.+': good.input[1] }],
	['item-id', { 'input.2.id': 'call_1' }],
	['item-id-length', { 'input.2.id': `fc_${'x'.repeat(62)}` }],
	['role', { 'input.0.role': 'tool' }],
	['content', { 'input.0.content': null }],
	['part-type', { 'input.6.content.0.type': 'input_text' }],
	['part-type', { 'input.0.content.2.type': 'text' }],
	['part-text', { 'input.0.content.2.text': undefined }],
	['image', { 'input.0.content.0.image_url': { url: image.image_url } }],
	['image', { 'input.4.output.0.image_url': 'iVBORw0KGgo=' }],
	['file', { 'input.0.content.1.filename': undefined }],
	['call-field', { 'input.2.arguments': { city: 'Rome' } }],
	['call-id-length', { 'input.3.call_id': 'x'.repeat(65) }],
	['output', { 'input.4.output': { text: 'Sun' } }],
	['reasoning-field', { 'input.1.summary': undefined }],
	['reasoning-not-stored', { 'input.1.encrypted_content': undefined }],
	['reasoning-foreign', { 'input.1.encrypted_content': seal({ vendor: 'openai', model: 'gpt-5.6' }) }],
	['reasoning-foreign', { 'input.1.encrypted_content': 'EqQBCgIYAhIM' }],
	['result-missing', { 'input.5': undefined }],
	['result-unexpected', { 'input.3': undefined }],
	['result-unexpected', { 'input.3': good.input[5], 'input.5': good.input[3] }],
	['call-id-unique', { 'input.3.call_id': 'call_1' }],
	['reasoning-alone', { 'input.2': good.input[7] }],
	['reasoning-missing', { 'input.1': undefined }],
	['reasoning-missing', { 'input.6.id': 'msg_reasoned1' }],
	['reasoning-missing', { input: [good.input[1], good.input[6], good.input[7], ...good.input.slice(2)] }],
];

describeRules('checkOpenAiResponses', {
	check: checkOpenAiResponses,
	good,
	cases,
	alsoGood: [
		[{ 'tools.0.strict': null }],
		[{ 'tools.0.parameters': null }],
		[{ 'tools.+': { type: 'web_search' } }],
		[{ tool_choice: 'required' }],
		[{ tool_choice: { type: 'function', name: 'weather' } }],
		[{ max_output_tokens: 16 }],
		[{ 'input.2.id': undefined }],
		[{ 'input.0.content.0': { type: 'input_image', file_id: 'file-1' } }],
		[{ 'input.0.content.1': { type: 'input_file', file_id: 'file-1' } }],
		[{ 'input.0.content.1': { type: 'input_file', file_url: 'https://example.org/a.pdf' } }],
		[{ 'input.3.call_id': 'x'.repeat(64), 'input.5.call_id': 'x'.repeat(64) }],
		[{ 'input.6.content': 'Sun.' }],
		[{ input: [good.input[0], good.input[1], good.input[6], ...good.input.slice(2)] }],
		[{ 'text.format': { type: 'json_object' }, 'input.7.content': 'And tomorrow, as JSON?' }],
		[{ input: [...good.input.slice(0, 6), { ...good.input[1], id: 'rs_2' }, ...good.input.slice(6)] }],
	],
	words: [
		['No tool output found for function call toolu_2.', { 'input.5': undefined }],
		['No tool call found for function call output with call_id toolu_2.', { 'input.3': undefined }],
		["Invalid 'input[2].id': 'call_1'. Expected an ID that begins with 'fc'.", { 'input.2.id': 'call_1' }],
		["Item 'rs_1' of type 'reasoning' was provided without its required following item.", { 'input.2': good.input[7] }],
		[
			"Item with id 'rs_1' not found. Items are not persisted when `store` is set to false. " +
				'Try again with `store` set to true, or remove this item from your input.',
			{ 'input.1.encrypted_content': undefined },
		],
		[
			"Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
			{ 'input.6.content.0.type': 'input_text' },
		],
	],
	files: ['openai-responses.ts', 'openai/responses-input.ts'],
});
describeHostileInput('checkOpenAiResponses', checkOpenAiResponses, good);

describe('what OpenAI takes as response', () => {
	const refusals = (edits: Record<string, unknown>) => rulesOf(checkOpenAiResponses(edited(good, edits)));

	it('calls without their reasoning, once their own IDs are gone as well', () => {
		expect(refusals({ 'input.2.id': undefined, 'input.1': undefined })).toEqual([]);
	});

	it('reasoning beside tools, whatever the effort', () => {
		expect(refusals({ 'reasoning.effort': 'high', temperature: undefined })).toEqual([]);
	});

	it('a text as input', () => {
		expect(refusals({ input: 'Weather in Rome?' })).toEqual([]);
	});
});
