import { describe, expect, it } from 'vitest';

import { sharedFunctionCases } from './openai/function-cases';
import { checkOpenAiChat } from './openai-chat';
import { describeHostileInput, describeRules, edited, rulesOf, type RuleCase } from './rule-cases';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const file = { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } };
const toolCall = (id: string, city: string) => ({
	id,
	type: 'function',
	function: { name: 'weather', arguments: JSON.stringify({ city }) },
});

/** Two calls at once, one of which fails; an image and a PDF; the newest model, told not to reason. */
const good = {
	model: 'gpt-6-luna',
	max_completion_tokens: 1024,
	reasoning_effort: 'none',
	temperature: 0.2,
	stream: true,
	stream_options: { include_usage: true },
	prompt_cache_key: 'workflow-7',
	prompt_cache_options: { mode: 'implicit', ttl: '30m' },
	service_tier: 'flex',
	tools: [{ type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: schema } }],
	tool_choice: 'auto',
	parallel_tool_calls: true,
	response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: false } },
	messages: [
		{ role: 'developer', content: 'Be brief.' },
		{ role: 'user', content: [image, file, { type: 'text', text: 'Weather in Rome and Oslo?' }] },
		{ role: 'assistant', content: null, tool_calls: [toolCall('call_1', 'Rome'), toolCall('toolu_2', 'Oslo')] },
		{ role: 'tool', tool_call_id: 'toolu_2', content: 'Error: no such city' },
		{ role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'Sun' }] },
	],
};

const strictTool = (parameters: object) => ({
	'tools.0.function.strict': true,
	'tools.0.function.parameters': parameters,
});
const marked = { type: 'text', text: 'Hi', prompt_cache_breakpoint: { mode: 'explicit' } };

const cases: readonly RuleCase[] = [
	...sharedFunctionCases('tools.0.function'),
	[
		'too-many-tools',
		{ tools: Array.from({ length: 129 }, (_, n) => ({ ...good.tools[0], function: { name: `t${n}` } })) },
	],
	['tool-unique', { 'tools.+': good.tools[0] }],
	['effort-value', { reasoning_effort: 'minimal' }],
	['effort-unsupported', { model: 'gpt-4.1' }],
	['cache-marks', { 'messages.1.content': [marked, marked, marked, marked] }],
	['parameters-properties', strictTool({ type: 'object', additionalProperties: false })],
	['strict-additional', strictTool(schema)],
	['strict-required', strictTool({ ...schema, required: [], additionalProperties: false })],
	['model', { model: undefined }],
	['max-tokens', { max_tokens: 7 }],
	['stop', { stop: ['x'] }],
	['stream-options', { stream: false }],
	['tool-type', { 'tools.0.type': undefined }],
	['only-with-tools', { tools: undefined }],
	['only-with-tools', { tools: undefined, tool_choice: undefined }],
	['choice', { tool_choice: 'any' }],
	['choice', { tool_choice: { type: 'function', function: { name: 'time' } } }],
	['choice', { tool_choice: { type: 'tool', name: 'weather' } }],
	['tools-with-reasoning', { reasoning_effort: 'low' }],
	['tools-with-reasoning', { reasoning_effort: undefined }],
	['json-word', { response_format: { type: 'json_object' } }],
	['format', { response_format: { type: 'json' } }],
	['messages', { messages: undefined }],
	['empty-array', { messages: [] }],
	['empty-array', { tools: [] }],
	['empty-array', { 'messages.2.tool_calls': [] }],
	['role', { 'messages.0.role': 'model' }],
	['unknown-parameter', { 'messages.2.reasoning_content': 'I think' }],
	['content-null', { 'messages.2.tool_calls': undefined }],
	['content-null', { 'messages.1.content': null }],
	['content-type', { 'messages.1.content': { text: 'Hi' } }],
	['part-type', { 'messages.1.content.2.type': 'input_text' }],
	['image-role', { 'messages.4.content': [image] }],
	['image', { 'messages.1.content.0.image_url.url': 'iVBORw0KGgo=' }],
	['file-name', { 'messages.1.content.1.file.filename': undefined }],
	['file-data', { 'messages.1.content.1.file.file_data': 'JVBERi0=' }],
	['call-field', { 'messages.2.tool_calls.0.function.arguments': { city: 'Rome' } }],
	['call-field', { 'messages.2.tool_calls.0.type': undefined }],
	['call-id-length', { 'messages.2.tool_calls.0.id': 'x'.repeat(41) }],
	['call-id-length', { 'messages.4.tool_call_id': 'x'.repeat(41) }],
	['call-id-unique', { 'messages.2.tool_calls.1.id': 'call_1' }],
	['result-unexpected', { 'messages.4.tool_call_id': 'call_9' }],
	['result-unexpected', { 'messages.2': undefined }],
	['result-missing', { 'messages.4': undefined }],
	['result-missing', { 'messages.3': { role: 'user', content: 'Wait' } }],
];

describeRules('checkOpenAiChat', {
	check: checkOpenAiChat,
	good,
	cases,
	alsoGood: [
		[{ 'tools.0.function.name': 'x'.repeat(64) }],
		[{ 'tools.0.function.parameters': undefined }],
		[{ 'tools.0.function.parameters': { type: 'object' } }],
		[{ 'tools.0.function.parameters': null }],
		[
			strictTool({
				type: 'object',
				properties: { city: { type: 'string' } },
				required: ['city'],
				additionalProperties: false,
			}),
		],
		[{ 'messages.2.tool_calls.0.id': 'x'.repeat(40), 'messages.4.tool_call_id': 'x'.repeat(40) }],
		[{ 'messages.2.tool_calls.0.function.arguments': '' }],
		[{ 'messages.2.content': 'Let me look.' }],
		[{ 'messages.1.content.0.image_url.url': 'https://example.org/a.png' }],
		[{ 'messages.1.content.1.file': { file_id: 'file-1' } }],
		[{ tool_choice: 'required' }],
		[{ tool_choice: { type: 'function', function: { name: 'weather' } } }],
		[{ tools: Array.from({ length: 128 }, (_, n) => ({ type: 'function', function: { name: `t${n}` } })) }],
		[{ response_format: { type: 'json_object' }, 'messages.0.content': 'Answer in JSON.' }],
		[{ response_format: { type: 'text' } }],
		[{ stream: undefined, stream_options: undefined }],
		[{ temperature: 1, model: 'o3', reasoning_effort: 'high', prompt_cache_options: undefined }],
		[
			{
				model: 'gpt-4.1',
				max_completion_tokens: undefined,
				max_tokens: 7,
				stop: 'x',
				reasoning_effort: undefined,
				prompt_cache_options: undefined,
			},
		],
		[{ model: 'gpt-5', reasoning_effort: 'minimal', temperature: undefined, prompt_cache_options: undefined }],
		[{ 'messages.1.content': [marked, marked, marked, marked], 'prompt_cache_options.mode': 'explicit' }],
		[{ messages: good.messages.slice(0, 2) }],
	],
	words: [
		[
			'Function tools with reasoning_effort are not supported for gpt-6-luna in /v1/chat/completions. ' +
				"To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
			{ reasoning_effort: undefined },
		],
		[
			"Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40, " +
				'but got a string with length 46 instead.',
			{ 'messages.2.tool_calls.0.id': 'x'.repeat(46) },
		],
		[
			"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
				'The following tool_call_ids did not have response messages: call_1',
			{ 'messages.4': undefined },
		],
		[
			"Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
			{ 'messages.2': undefined },
		],
		[
			"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
			{ response_format: { type: 'json_object' } },
		],
		[
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
			{ max_tokens: 7 },
		],
		[
			"Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. " +
				"Supported values are: 'none', 'low', 'medium', 'high', 'xhigh', and 'max'.",
			{ reasoning_effort: 'minimal' },
		],
		[
			`Invalid schema for function 'weather': schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.`,
			{ 'tools.0.function.parameters': {} },
		],
	],
	files: ['openai-chat.ts', 'openai/chat-messages.ts', 'openai/functions.ts', 'openai/sampling.ts'],
});
describeHostileInput('checkOpenAiChat', checkOpenAiChat, good);

describe('what OpenAI takes in chat completions', () => {
	const refusals = (edits: Record<string, unknown>) => rulesOf(checkOpenAiChat(edited(good, edits)));

	it('turns of one role in a row, a system message in between, an assistant at the end', () => {
		const more = { role: 'user', content: 'And?' };
		const end = [
			...good.messages,
			more,
			more,
			{ role: 'system', content: 'Now.' },
			{ role: 'assistant', content: 'Sun.' },
		];
		expect(refusals({ messages: end })).toEqual([]);
	});

	it('reasoning and tools in the models before gpt-5.4, or one of the two in those before gpt-5.6', () => {
		const older = { prompt_cache_options: undefined, temperature: undefined };
		expect(refusals({ ...older, model: 'gpt-5.1', reasoning_effort: 'low' })).toEqual([]);
		expect(refusals({ ...older, model: 'gpt-5.4', reasoning_effort: undefined })).toEqual([]);
		expect(refusals({ ...older, model: 'gpt-5.4', reasoning_effort: 'low' })).toEqual(['tools-with-reasoning']);
	});
});
