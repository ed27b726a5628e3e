import { describe, expect, it } from 'vitest';

import { checkOpenAiCompatible, dialects, type DialectName } from './openai-compatible';
import { describeHostileInput, describeRules, edited, rulesOf, type Edits, type RuleCase } from './rule-cases';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const toolCall = (id: string, city: string) => ({
	id,
	type: 'function',
	function: { name: 'weather', arguments: JSON.stringify({ city }) },
});

/** Fits every dialect: IDs of nine letters and digits, reasoning left out, thinking off. */
const good = {
	model: 'some-model',
	max_tokens: 1024,
	thinking: { type: 'disabled' },
	tools: [{ type: 'function', function: { name: 'weather', parameters: schema } }],
	tool_choice: 'auto',
	messages: [
		{ role: 'system', content: 'Be brief.' },
		{ role: 'user', content: 'Weather in Rome and Oslo?' },
		{ role: 'assistant', content: '', tool_calls: [toolCall('abcdefgh1', 'Rome'), toolCall('abcdefgh2', 'Oslo')] },
		{ role: 'tool', tool_call_id: 'abcdefgh1', content: 'Sun' },
		{ role: 'tool', tool_call_id: 'abcdefgh2', content: 'Error: no such city' },
	],
};

const cases: readonly RuleCase[] = [
	['model', { model: undefined }],
	['json-word', { response_format: { type: 'json_object' } }],
	['no-messages', { messages: [] }],
	['role', { 'messages.0.role': 'developer' }],
	['empty-assistant', { 'messages.2': { role: 'assistant', content: [] } }],
	['empty-assistant', { 'messages.2': { role: 'assistant' } }],
	['empty-assistant', { 'messages.2': { role: 'assistant', content: null } }],
	['content', { 'messages.1.content': null }],
	['call-id', { 'messages.2.tool_calls.0.id': '' }],
	['call-id-unique', { 'messages.2.tool_calls.1.id': 'abcdefgh1' }],
	['call-name', { 'messages.2.tool_calls.0.function.name': undefined }],
	['call-arguments', { 'messages.2.tool_calls.0.function.arguments': { city: 'Rome' } }],
	['call-arguments', { 'messages.2.tool_calls.0.function.arguments': '{"city":' }],
	['tool-name', { 'tools.0.function.name': 'the weather' }],
	['tool-name', { 'tools.0.function.name': 'x'.repeat(65) }],
	['tool-unique', { 'tools.+': good.tools[0] }],
	['only-with-tools', { tools: undefined }],
	['choice', { tool_choice: 'any' }],
	['choice', { tool_choice: { type: 'function', function: { name: 'time' } } }],
];

/** Rule, the dialect that has it, what breaks it. The plain dialect lets each pass. */
const dialectCases: ReadonlyArray<readonly [rule: string, dialect: DialectName, edits: Edits]> = [
	['call-id', 'mistral', { 'messages.3.tool_call_id': 'toolu_01A09q90qw90lq917835lq9' }],
	['unknown-parameter', 'mistral', { max_completion_tokens: 7 }],
	['user-after-tool', 'mistral', { 'messages.+': { role: 'user', content: 'Go on.' } }],
	['last-role', 'template', { 'messages.+': { role: 'assistant', content: 'Sun.' } }],
	['last-role', 'mistral', { 'messages.+': { role: 'assistant', content: 'Sun.' } }],
	['reasoning-missing', 'deepseek', { thinking: undefined }],
	['reasoning-refused', 'deepseekR1', { 'messages.2.reasoning_content': 'I think' }],
	['reasoning-refused', 'groq', { 'messages.2.reasoning_content': 'I think' }],
	['json-with-tools', 'groq', { response_format: { type: 'json_schema' } }],
	['system-place', 'template', { 'messages.+': { role: 'system', content: 'Now.' } }],
	['alternation', 'template', { messages: [...good.messages.slice(0, 2), ...good.messages.slice(1)] }],
];

describeRules('checkOpenAiCompatible', {
	check: checkOpenAiCompatible(),
	good,
	cases,
	files: ['openai-compatible.ts'],
	alsoGood: [
		[{ 'messages.2.content': null }],
		[
			{
				'messages.2': { role: 'assistant', content: [{ type: 'text', text: 'Sun' }] },
				messages: good.messages.slice(0, 2),
			},
		],
		[{ 'messages.1.content': [{ type: 'text', text: 'Hi' }] }],
		[{ tool_choice: 'required', 'tools.0.function.name': 'x'.repeat(64) }],
		[{ response_format: { type: 'json_object' }, 'messages.0.content': 'Answer in JSON.' }],
	],
	elsewhere: dialectCases.map(([rule]) => rule),
});
describeHostileInput('checkOpenAiCompatible', checkOpenAiCompatible('mistral'), good);

describe('the dialects', () => {
	it.each(Object.keys(dialects) as DialectName[])('%s lets a good conversation pass', (dialect) => {
		expect(checkOpenAiCompatible(dialect)(good)).toEqual([]);
	});

	it.each(dialectCases)('finds %s in %s, and only there', (rule, dialect, edits) => {
		const broken = edited(good, edits);
		expect(rulesOf(checkOpenAiCompatible(dialect)(broken))).toContain(rule);
		expect(rulesOf(checkOpenAiCompatible('plain')(broken)).filter((name) => name === rule)).toEqual([]);
	});

	it('DeepSeek takes reasoning back beside a call, an empty one too', () => {
		const thinking = edited(good, { thinking: undefined, 'messages.2.reasoning_content': '' });
		expect(checkOpenAiCompatible('deepseek')(thinking)).toEqual([]);
	});
});
