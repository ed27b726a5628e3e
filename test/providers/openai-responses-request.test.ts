import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Message, ToolChoice } from '../../nodes/ResilientLlm/engine/conversation';
import type { ModelSettings } from '../../nodes/ResilientLlm/engine/request';
import { createOpenAi } from '../../nodes/ResilientLlm/providers/openai';
import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { ask, assistant, callOf, image, never, pdf, result, user, weather, type Asked } from './openai-conversation';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
beforeEach(() => server.answer(() => ({ text: 'Sunny.' })));
afterAll(async () => {
	await server.close();
});

const newest = { model: 'gpt-6-luna' } as const;

/** The request must be one that OpenAI takes. */
async function sent(asked: Asked) {
	const asking = await ask(server, { tools: [weather], ...asked, settings: { ...newest, ...asked.settings } });
	expect(asking.request.violations).toEqual([]);
	return asking;
}

const toolUse = [user('q'), assistant('', callOf('a')), result('a', 'sun')];

describe('the way to ask', () => {
	it.each<readonly [string, ModelSettings['reasoningEffort'], string]>([
		['gpt-6-luna', undefined, 'openaiResponses'],
		['gpt-6.1-terra', 'low', 'openaiResponses'],
		['gpt-6-luna', 'none', 'openaiResponses'],
		['gpt-5.6', undefined, 'openaiResponses'],
		['gpt-5.5', 'low', 'openaiResponses'],
		['gpt-5.4-mini', 'high', 'openaiResponses'],
		['gpt-5.5', undefined, 'openaiChat'],
		['gpt-5.4', 'none', 'openaiChat'],
		['gpt-5.2', 'low', 'openaiChat'],
		['gpt-5-mini', undefined, 'openaiChat'],
		['o4-mini', 'low', 'openaiChat'],
		['gpt-4.1', undefined, 'openaiChat'],
	])('for tools with %s and the effort %s is one that takes them: %s', async (model, reasoningEffort, api) => {
		const { request } = await sent({ settings: { model, ...(reasoningEffort && { reasoningEffort }) } });
		expect(request.api).toBe(api);
	});

	it('is the Responses API also when tools are gone and the reasoning behind their calls is kept', async () => {
		const keepsake = { target: 'same', content: { items: [] } };
		const [question, turn, sun] = toolUse;
		const messages = [question!, { ...turn!, keepsake } as Message, sun!];
		expect((await sent({ messages, tools: [] })).request.path).toBe('/v1/responses');
	});

	it('stays chat completions for a single prompt whose model called a tool that nobody offered', async () => {
		expect((await sent({ messages: [...toolUse, user('That was no answer.')], tools: [] })).request.path).toBe(
			'/v1/chat/completions',
		);
	});

	it('is chat completions where there are no tools', async () => {
		expect((await sent({ tools: [] })).request.path).toBe('/v1/chat/completions');
		const talk = [user('q'), assistant('a'), user('r')];
		expect((await sent({ messages: talk, tools: [] })).request.path).toBe('/v1/chat/completions');
	});

	it('is chat completions again once the effort was refused by a model that needs none', async () => {
		const content = { messages: [user('q')], tools: [weather], toolChoice: { kind: 'auto' } as const };
		const openAi = createOpenAi({ apiKey: 'KEY', baseUrl: server.url, network: {} });
		const settings = { model: 'gpt-5.5', maxOutputTokens: 100, reasoningEffort: 'minimal' } as const;
		const request = { content: { ...content, output: { kind: 'text' } as const }, settings, dropped: [] };
		expect(await openAi.complete(request, never)).toMatchObject({
			reason: 'unsupported_parameter',
			parameter: 'reasoningEffort',
		});
		await openAi.complete({ ...request, dropped: ['reasoningEffort'] }, never);
		expect(server.requests.map(({ api }) => api)).toEqual(['openaiResponses', 'openaiChat']);
	});
});

describe('a request', () => {
	it('stores nothing, wants the reasoning back, and offers tools without strict mode', async () => {
		const { body } = await sent({
			messages: [{ role: 'system', text: 'Be brief.' }, user('q')],
			settings: { reasoningEffort: 'low' },
		});
		expect(body).toEqual({
			model: 'gpt-6-luna',
			input: [
				{ role: 'developer', content: 'Be brief.' },
				{ role: 'user', content: 'q' },
			],
			max_output_tokens: 500,
			store: false,
			include: ['reasoning.encrypted_content'],
			reasoning: { effort: 'low' },
			tools: [
				{
					type: 'function',
					name: 'get_weather',
					description: 'The weather in a city',
					parameters: { ...weather.schema },
					strict: false,
				},
			],
		});
	});

	it('tells calls of others by their call ID alone', async () => {
		const long = 'x'.repeat(65);
		const { input } = await sent({
			messages: [
				user('q'),
				assistant('Let me look.', callOf('toolu_1'), callOf(long, 'Oslo')),
				result('toolu_1', 'sun'),
				{ ...result(long, 'no such city'), isError: true },
				user('And?'),
			],
		});
		const id = expect.stringMatching(/^[0-9a-f]{9}$/) as unknown;
		expect(input).toEqual([
			{ role: 'user', content: 'q' },
			{ role: 'assistant', content: 'Let me look.' },
			{ type: 'function_call', call_id: 'toolu_1', name: 'get_weather', arguments: '{"city":"Rome"}' },
			{ type: 'function_call', call_id: id, name: 'get_weather', arguments: '{"city":"Oslo"}' },
			{ type: 'function_call_output', call_id: 'toolu_1', output: 'sun' },
			{ type: 'function_call_output', call_id: id, output: 'The tool failed: no such city' },
			{ role: 'user', content: 'And?' },
		]);
	});

	it('holds files where they belong, in results too', async () => {
		const failed = { ...result('b', image), isError: true };
		const { input } = await sent({
			messages: [
				user('q', image, pdf),
				assistant('', callOf('a'), callOf('b'), callOf('c')),
				result('a', 'seen', pdf),
				failed,
				result('c'),
			],
		});
		const picture = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' };
		const file = { type: 'input_file', filename: 'report.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' };
		expect(input[0]?.['content']).toEqual([{ type: 'input_text', text: 'q' }, picture, file]);
		expect(input.slice(4).map(({ output }) => output)).toEqual([
			[{ type: 'input_text', text: 'seen' }, file],
			[{ type: 'input_text', text: 'The tool failed:' }, picture],
			'It gave nothing back.',
		]);
	});

	it.each<readonly [ToolChoice, unknown]>([
		[{ kind: 'auto' }, undefined],
		[{ kind: 'none' }, 'none'],
		[{ kind: 'required' }, 'required'],
		[
			{ kind: 'tool', name: 'get_weather' },
			{ type: 'function', name: 'get_weather' },
		],
	])('asks for a call as it is told: %j', async (toolChoice, choice) => {
		expect((await sent({ toolChoice })).body['tool_choice']).toEqual(choice);
		const bare = { toolChoice, tools: [], messages: [user('q'), assistant('a'), user('r')] };
		expect((await sent(bare)).body).not.toHaveProperty('tool_choice');
	});

	it('asks for JSON beside tools, with the word in the input where the mode wants it', async () => {
		const json = await sent({ output: { kind: 'json' } });
		expect(json.body['text']).toEqual({ format: { type: 'json_object' } });
		expect(json.input[0]).toMatchObject({ role: 'developer', content: expect.stringContaining('JSON') });

		const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
		const bySchema = await sent({ output: { kind: 'jsonSchema', schema } });
		expect(bySchema.body['text']).toEqual({ format: { type: 'json_schema', name: 'answer', schema, strict: true } });
	});

	it('leaves room for the fewest tokens there may be', async () => {
		expect((await sent({ settings: { maxOutputTokens: 5 } })).body['max_output_tokens']).toBe(16);
	});

	it('leaves the temperature out while the model reasons, and says so', async () => {
		const reasoning = await sent({ settings: { temperature: 0.3 } });
		expect(reasoning.body).not.toHaveProperty('temperature');
		expect(reasoning.result).toMatchObject({ warnings: [expect.stringContaining('temperature')] });
		const skipped = await sent({ settings: { temperature: 0.3, reasoningEffort: 'none' } });
		expect(skipped.body).toMatchObject({ temperature: 0.3, reasoning: { effort: 'none' } });
	});

	it('holds no half characters', async () => {
		const { request } = await sent({ messages: [user('smile \ud83d'), ...toolUse.slice(1)] });
		expect(JSON.stringify(request.body)).toContain('smile \ufffd');
	});

	it('keeps two rounds under one ID apart', async () => {
		const round = [assistant('', callOf('call_0')), result('call_0', 'sun')];
		await sent({ messages: [user('q'), ...round, ...round] });
	});
});
