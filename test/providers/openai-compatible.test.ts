import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { createOpenAiCompatible } from '../../nodes/ResilientLlm/providers/openai-compatible';
import { reply, startFaultServer, type FaultServer } from './fault-server';
import { conversationOf, type OutputFormat } from '../../nodes/ResilientLlm/engine/conversation';

const never = new AbortController().signal;
let server: FaultServer;

beforeAll(async () => {
	server = await startFaultServer();
});
afterAll(async () => {
	await server.close();
});

async function call(
	body: object,
	{ apiKey = '', output = { kind: 'text' } }: { apiKey?: string; output?: OutputFormat } = {},
) {
	server.answer(reply(200, body));
	const result = await createOpenAiCompatible({ apiKey, baseUrl: `${server.url}/api/v3/`, network: {} }).complete(
		{
			content: conversationOf({ prompt: 'Say ok', systemMessage: '', attachments: [], output }),
			settings: { model: 'my/model:q4', maxOutputTokens: 100, temperature: 0, reasoningEffort: 'minimal' },
			dropped: [],
		},
		never,
	);
	const [request] = server.requests;
	return { result, request: request!, sent: JSON.parse(request!.body) as unknown };
}

const choice = (message: unknown, rest: object = {}) => ({ choices: [{ message, ...rest }] });

describe('a request', () => {
	it('goes below the base URL as it is written', async () => {
		expect((await call(choice({ content: 'ok' }))).request.path).toBe('/api/v3/chat/completions');
	});

	it('carries a key where there is one, and no header where there is none', async () => {
		expect((await call(choice({ content: 'ok' }), { apiKey: ' KEY\n' })).request.headers['authorization']).toBe(
			'Bearer KEY',
		);
		expect((await call(choice({ content: 'ok' }))).request.headers).not.toHaveProperty('authorization');
	});

	it('sends all that is set, under the names every server knows', async () => {
		expect((await call(choice({ content: 'ok' }))).sent).toEqual({
			model: 'my/model:q4',
			messages: [{ role: 'user', content: 'Say ok' }],
			max_tokens: 100,
			temperature: 0,
			reasoning_effort: 'minimal',
		});
	});

	it('asks for JSON both ways, as some servers pass over the format', async () => {
		const schema = { type: 'object', properties: { a: { type: 'string' } } };
		const { sent } = await call(choice({ content: '{}' }), { output: { kind: 'jsonSchema', schema } });
		expect(at(sent, 'response_format', 'json_schema', 'schema')).toEqual(schema);
		expect(at(sent, 'messages', 0)).toMatchObject({
			role: 'system',
			content: expect.stringContaining(JSON.stringify(schema)),
		});
	});
});

describe('an answer', () => {
	it('may lack everything but itself', async () => {
		const { result } = await call(choice({ content: 'ok' }));
		expect(result).toEqual({ kind: 'completion', text: 'ok', finishReason: 'stop', model: 'my/model:q4' });
	});

	it.each([
		[null, 'stop'],
		['', 'stop'],
		[7, 'stop'],
		['STOP', 'stop'],
		['eos', 'stop'],
		['end_turn', 'stop'],
		['max_tokens', 'length'],
		['model_length', 'context_window'],
		['SAFETY', 'content_filter'],
		['abort', 'other'],
	])('that ends with %j is read as %s', async (word, finishReason) => {
		expect((await call(choice({ content: 'ok' }, { finish_reason: word }))).result).toMatchObject({ finishReason });
	});

	it('may come in typed parts, reasoning among them', async () => {
		const content = [
			{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
			{ type: 'text', text: 'Bon' },
			{ type: 'reference', reference_ids: [1] },
			{ type: 'output_text', text: 'jour' },
		];
		expect((await call(choice({ content }))).result).toMatchObject({ text: 'Bonjour' });
	});

	it('may have its reasoning before it or beside it', async () => {
		const message = { content: '<think>\nhm\n</think>\n\nBonjour', reasoning_content: 'hm', reasoning: 'hm' };
		expect((await call(choice(message))).result).toMatchObject({ text: 'Bonjour' });
	});

	it('counts what DeepSeek cached', async () => {
		const usage = { prompt_tokens: 100, completion_tokens: 5, prompt_cache_hit_tokens: 64 };
		expect((await call({ ...choice({ content: 'ok' }), usage })).result).toMatchObject({
			usage: { cachedInputTokens: 64 },
		});
	});

	it('counts as cached and written no more than was read', async () => {
		const usage = {
			prompt_tokens: 100,
			completion_tokens: 5,
			prompt_tokens_details: { cached_tokens: 80, cache_write_tokens: 90 },
		};
		expect((await call({ ...choice({ content: 'ok' }), usage })).result).toMatchObject({
			usage: { cachedInputTokens: 80, cacheWriteTokens: 20 },
		});
	});

	it.each([
		['in the completion', 1100, 100, 40, 100],
		['beside the completion', 1140, 100, 40, 140],
		['nowhere by name', 1140, 100, undefined, 140],
		['in a total that fits neither', 1190, 100, 40, 100],
	])('counts reasoning %s', async (_, total_tokens, completion_tokens, reasoning_tokens, outputTokens) => {
		const usage = {
			prompt_tokens: 1000,
			completion_tokens,
			total_tokens,
			completion_tokens_details: { reasoning_tokens },
		};
		expect((await call({ ...choice({ content: 'ok' }), usage })).result).toMatchObject({
			usage: { outputTokens, reasoningTokens: 40 },
		});
	});

	it.each([
		[{ cost: 0.5 }, 0.5],
		[{ cost: 0.5, is_byok: true, cost_details: { upstream_inference_cost: 2 } }, 2.5],
		[{ cost: 0.5, is_byok: true }, undefined],
		[{ cost: -1 }, undefined],
		[{ cost: '0.5' }, undefined],
		[{ cost: { total_cost: 1 } }, undefined],
	])('reads of %j what was billed: %j', async (billed, billedUsd) => {
		const { result } = await call({
			...choice({ content: 'ok' }),
			usage: { prompt_tokens: 10, completion_tokens: 5, ...billed },
		});
		expect(at(result, 'usage', 'inputTokens')).toBe(10);
		expect(at(result, 'usage', 'billedUsd')).toBe(billedUsd);
	});

	it.each([
		{},
		{ prompt_tokens: null },
		{ prompt_tokens: -1, completion_tokens: 2 },
		{ prompt_tokens: '3', completion_tokens: '4' },
		[],
		'none',
	])('may have a usage that is none: %j', async (usage) => {
		const { result } = await call({ ...choice({ content: 'ok' }), usage });
		expect(result).toMatchObject({ kind: 'completion' });
		expect(result).not.toHaveProperty('usage');
	});

	it('is not taken from a reply that also reports an error', async () => {
		const { result } = await call({ ...choice({ content: 'half' }), error: { message: 'upstream died', code: 502 } });
		expect(result).toMatchObject({ kind: 'failure', reason: 'server_error', httpStatus: 200 });
	});
});

describe('the list of models', () => {
	const list = async (body: object) => {
		server.answer(reply(200, body));
		return await createOpenAiCompatible({ apiKey: '', baseUrl: server.url, network: {} }).listModels(never);
	};

	it('shows names where the server gives them', async () => {
		expect(await list({ data: [{ id: 'meta/llama-4', name: 'Meta: Llama 4' }] })).toEqual([
			{ id: 'meta/llama-4', name: 'Meta: Llama 4' },
		]);
	});

	it('may come without an object around it', async () => {
		expect(await list([{ id: 'a' }, { id: 'b' }])).toEqual([
			{ id: 'a', name: 'a' },
			{ id: 'b', name: 'b' },
		]);
	});

	it('may be empty', async () => {
		expect(await list({ object: 'list', data: [] })).toEqual([]);
	});
});
