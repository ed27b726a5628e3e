import { describe, expect, it } from 'vitest';

import { checkGeminiGenerate } from './gemini-generate';
import { signPart } from './gemini/contents';
import { describeHostileInput, describeRules, edited, rulesOf, type RuleCase } from './rule-cases';
import type { Call } from './violation';

const schema = {
	type: 'object',
	properties: { city: { type: 'string' } },
	required: ['city'],
	additionalProperties: false,
};
const model = 'gemini-3.8-flash';
const call: Call = { path: `/v1beta/models/${model}:generateContent` };
const oldCall: Call = { path: '/v1beta/models/gemini-2.5-flash:generateContent' };
const image = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } };
const signed = (part: object) => ({ ...part, thoughtSignature: signPart(part, model) });
const callOf = (city: string, id: string) => ({ functionCall: { id, name: 'weather', args: { city } } });

/** Two calls at once, one of which fails; a step that another vendor wrote; an image. */
const good = {
	systemInstruction: { parts: [{ text: 'Be brief.' }] },
	contents: [
		{ role: 'user', parts: [image, { text: 'Weather in Rome and Oslo?' }] },
		{ role: 'model', parts: [signed(callOf('Rome', 'vrsQR5pS')), callOf('Oslo', 'a1')] },
		{
			role: 'user',
			parts: [
				{ functionResponse: { id: 'vrsQR5pS', name: 'weather', response: { output: 'Sun' } } },
				{ functionResponse: { id: 'a1', name: 'weather', response: { error: 'No such city' } } },
			],
		},
		{
			role: 'model',
			parts: [{ ...callOf('Bergen', 'toolu_3'), thoughtSignature: 'skip_thought_signature_validator' }],
		},
		{
			role: 'user',
			parts: [{ functionResponse: { id: 'toolu_3', name: 'weather', response: { output: 'Rain' } } }],
		},
	],
	tools: [{ functionDeclarations: [{ name: 'weather', description: 'Tells it.', parametersJsonSchema: schema }] }],
	toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
	generationConfig: {
		maxOutputTokens: 1024,
		responseMimeType: 'application/json',
		thinkingConfig: { thinkingLevel: 'LOW' },
	},
	serviceTier: 'flex',
};

const declaration = 'tools.0.functionDeclarations.0';
const openApi = { ...good.tools[0]!.functionDeclarations[0], parametersJsonSchema: undefined };

const cases: readonly RuleCase[] = [
	['unknown-name', { messages: [] }],
	['unknown-name', { [`${declaration}.input_schema`]: {} }],
	['unknown-name', { 'contents.0.parts.0.type': 'image' }],
	['service-tier', { serviceTier: 'cheap' }],
	['system-empty', { systemInstruction: { parts: [] } }],
	['size', {}, { ...call, headers: { 'content-length': '104857601' } }],
	['tool-unique', { 'tools.0.functionDeclarations.+': good.tools[0]!.functionDeclarations[0] }],
	['tool-name', { [`${declaration}.name`]: '2nd_weather' }],
	['tool-name', { [`${declaration}.name`]: 'x'.repeat(65) }],
	['parameters-twice', { [`${declaration}.parameters`]: schema }],
	['parameters-keyword', { [declaration]: { ...openApi, parameters: schema } }],
	['parameters-type', { [declaration]: { ...openApi, parameters: { type: ['object', 'null'] } } }],
	['parameters-type', { [`${declaration}.parametersJsonSchema`]: {} }],
	['parameters-empty', { [declaration]: { ...openApi, parameters: { type: 'object', properties: {} } } }],
	['choice-without-tools', { tools: undefined }],
	['choice', { 'toolConfig.functionCallingConfig.mode': 'REQUIRED' }],
	['choice-names', { 'toolConfig.functionCallingConfig.allowedFunctionNames': ['weather'] }],
	['choice-unknown', { 'toolConfig.functionCallingConfig': { mode: 'ANY', allowedFunctionNames: ['time'] } }],
	['schema-twice', { 'generationConfig.responseSchema': schema, 'generationConfig.responseJsonSchema': schema }],
	['schema-without-mime', { generationConfig: { responseJsonSchema: schema } }],
	['json-with-tools', {}, oldCall],
	['thinking-twice', { 'generationConfig.thinkingConfig.thinkingBudget': 0 }],
	['thinking-level', {}, oldCall],
	['max-tokens', { 'generationConfig.maxOutputTokens': undefined }],
	['no-contents', { contents: [] }],
	['role', { 'contents.0.role': 'system' }],
	['no-parts', { 'contents.0.parts': [] }],
	['part-data', { 'contents.0.parts.0.text': 'Look' }],
	['part-data', { 'contents.0.parts.0': {} }],
	['empty-text', { 'contents.0.parts.1.text': '' }],
	['call-role', { 'contents.1.role': 'user' }],
	['call-name', { 'contents.1.parts.0.functionCall.name': '' }],
	['struct', { 'contents.1.parts.0.functionCall.args': '{}' }],
	['struct', { 'contents.2.parts.0.functionResponse.response': 'Sun' }],
	['response-role', { 'contents.2.role': 'model' }],
	['response-name', { 'contents.2.parts.0.functionResponse.name': undefined }],
	['media-type', { 'contents.0.parts.0.inlineData.mimeType': 'application/zip' }],
	['base64', { 'contents.0.parts.0.inlineData.data': 'data:image/png;base64,iVBORw0KGgo=' }],
	['call-order', { 'contents.0': { role: 'model', parts: [{ text: 'Hm.' }] } }],
	['call-order', { 'contents.2.parts': [{ text: 'Wait' }] }],
	['call-order', { contents: good.contents.slice(1) }],
	['response-count', { contents: good.contents.slice(0, 2) }],
	['response-count', { 'contents.2.parts.1': undefined }],
	['response-match', { 'contents.2.parts.1.functionResponse.id': 'a2' }],
	['response-order', { 'contents.1.parts': [{ text: 'Hm.' }] }],
	['response-mixed', { 'contents.2.parts.+': { text: 'Go on.' } }],
	['last-role', { 'contents.+': { role: 'model', parts: [{ text: 'Sun' }] } }],
	['first-role', { 'contents.0': { role: 'model', parts: [{ text: 'Hi' }] } }],
	['signature-missing', { 'contents.1.parts.0.thoughtSignature': undefined }],
	['signature-missing', { 'contents.3.parts.0.thoughtSignature': undefined }],
	['signature-place', { 'contents.1.parts.0.functionCall.thoughtSignature': 'skip_thought_signature_validator' }],
	['signature-dummy', {}, oldCall],
	['signature-base64', { 'contents.1.parts.0.thoughtSignature': 'a b' }],
	['signature-invalid', { 'contents.1.parts.0.thoughtSignature': 'EqQBCgIYAhIM1gbcDa9GJwZA2b' }],
	['signature-invalid', {}, { path: '/v1beta/models/gemini-4-argon:generateContent' }],
	['signature-changed', { 'contents.1.parts.0.functionCall.args.id': 'a1' }],
	['signature-moved', { 'contents.1.parts.+': { ...signed({ text: '' }), text: 'Let me look.' } }],
];

describeRules('checkGeminiGenerate', {
	check: checkGeminiGenerate,
	good,
	call,
	cases,
	alsoGood: [
		[{ [`${declaration}.name`]: `_${'x'.repeat(63)}` }],
		[{ [`${declaration}.name`]: 'weather.of:today-2' }],
		[{ [`${declaration}.parametersJsonSchema`]: undefined }],
		[{ systemInstruction: 'Be brief.' }],
		[{ toolConfig: undefined, serviceTier: undefined, generationConfig: undefined }],
		[{ 'toolConfig.functionCallingConfig': { mode: 'ANY', allowedFunctionNames: ['weather'] } }],
		[{ 'generationConfig.responseJsonSchema': schema }],
		[{ contents: [{ parts: [{ text: 'Hi' }] }] }],
		[{ contents: [good.contents[0], { role: 'user', parts: [{ text: 'Quick!' }] }] }],
		[{ 'contents.1.parts.1.thoughtSignature': 'context_engineering_is_the_way_to_go' }],
		[{ 'contents.1.parts.1.functionCall.args': undefined }],
		[{ contents: good.contents.slice(0, 3) }],
		[{}, { ...call, headers: { 'content-length': '104857600' } }],
	],
	words: [
		['* GenerateContentRequest.contents: contents is not specified\n', { contents: [] }],
		[
			'Function call is missing a thought_signature in functionCall parts. This is required for tools to work ' +
				'correctly, ' +
				'and missing thought_signature may lead to degraded model performance. Additional data, function call ' +
				'`default_api:weather` , position 4. ' +
				'Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.',
			{ 'contents.3.parts.0.thoughtSignature': undefined },
		],
		[
			'Please ensure that the number of function response parts is equal to the number of function call parts ' +
				'of the function call turn.',
			{ 'contents.2.parts.1': undefined },
		],
		[
			'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
			{ 'contents.2.parts': [{ text: 'Wait' }] },
		],
		[
			'Invalid JSON payload received. Unknown name "additionalProperties" at ' +
				"'tools[0].function_declarations[0].parameters': Cannot find field.",
			{ [declaration]: { ...openApi, parameters: schema } },
		],
	],
	files: ['gemini-generate.ts', 'gemini/contents.ts'],
});
describeHostileInput('checkGeminiGenerate', checkGeminiGenerate, good);

describe('what Gemini takes', () => {
	const refusals = (edits: Record<string, unknown>, own: Call = call) =>
		rulesOf(checkGeminiGenerate(edited(good, edits), own).filter(({ severity }) => severity === 'refused'));

	it('calls of earlier turns without a signature', () => {
		const next = { role: 'user', parts: [{ text: 'And tomorrow?' }] };
		const bare = {
			'contents.1.parts.0.thoughtSignature': undefined,
			'contents.3.parts.0.thoughtSignature': undefined,
		};
		const answer = { role: 'model', parts: [{ text: 'Sun.' }] };
		expect(refusals({ ...bare, contents: [...good.contents, answer, next] })).toEqual([]);
	});

	it('calls without a signature on Gemini 2.5, with the schema in its old form', () => {
		const edits = {
			'contents.1.parts.0.thoughtSignature': undefined,
			'generationConfig.responseMimeType': undefined,
			'generationConfig.thinkingConfig': { thinkingBudget: 0 },
			[declaration]: { ...openApi, parameters: { ...schema, additionalProperties: undefined } },
		};
		const old = JSON.parse(JSON.stringify(edited(good, edits))) as object;
		const found = checkGeminiGenerate(old, oldCall).filter(({ severity }) => severity === 'refused');
		expect(rulesOf(found)).toEqual([]);
	});

	it('calls and responses without ids', () => {
		const bare = JSON.parse(JSON.stringify(good).replaceAll(/"id":"[^"]*",/g, '')) as object;
		expect(rulesOf(checkGeminiGenerate(bare, call))).toEqual([]);
	});
});
