import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CompletionRequest, ModelSettings } from '../../nodes/ResilientLlm/engine/request';
import { createAnthropic } from '../../nodes/ResilientLlm/providers/anthropic';
import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { reply, startFaultServer, type FaultServer } from './fault-server';
import { conversationOf, type OutputFormat } from '../../nodes/ResilientLlm/engine/conversation';
import { repaired, type Repair } from '../engine/repaired';

const never = new AbortController().signal;
let server: FaultServer;

beforeAll(async () => {
	server = await startFaultServer();
});
afterAll(async () => {
	await server.close();
});

type Change = Partial<Omit<CompletionRequest, 'settings'>> &
	Partial<ModelSettings> & { readonly output?: OutputFormat; readonly repair?: Repair };

async function call(change: Change = {}, message: object = {}) {
	server.answer(
		reply(200, {
			model: 'claude-haiku-5-5',
			content: [{ type: 'text', text: 'ok' }],
			stop_reason: 'end_turn',
			...message,
		}),
	);
	const { output = { kind: 'text' }, dropped = [], repair, content: _content, ...settings } = change;
	const question = conversationOf({ prompt: 'Say ok', systemMessage: '', attachments: [], output });
	const result = await createAnthropic({ apiKey: 'KEY', baseUrl: server.url, network: {} }).complete(
		{
			content: repair === undefined ? question : repaired(question, repair),
			settings: { model: 'claude-haiku-5-5', maxOutputTokens: 100, ...settings },
			dropped,
		},
		never,
	);
	const [request] = server.requests;
	return { result, headers: request!.headers, body: JSON.parse(request!.body) as unknown };
}

describe('the API version', () => {
	it('is the one the adapter is written for', async () => {
		expect((await call()).headers['anthropic-version']).toBe('2026-10-21');
	});

	it.each([
		'claude-haiku-4-5',
		'claude-sonnet-4-6',
		'claude-opus-4-5-20251101',
		'claude-sonnet-4-20250514',
		'claude-3-haiku-20240307',
		'kimi-k3',
	])('is the last one with a temperature when %s is given one', async (model) => {
		const { headers, body, result } = await call({ model, temperature: 0.3 });
		expect(headers['anthropic-version']).toBe('2023-06-01');
		expect(at(body, 'temperature')).toBe(0.3);
		expect(result).not.toHaveProperty('warnings');
	});

	it.each(['claude-haiku-5-5', 'claude-opus-4-7', 'claude-sonnet-5', 'claude-fable-5-2'])(
		'%s gets no temperature, and the user is told',
		async (model) => {
			const { headers, body, result } = await call({ model, temperature: 0.3 });
			expect(headers['anthropic-version']).toBe('2026-10-21');
			expect(at(body, 'temperature')).toBeUndefined();
			expect(result).toMatchObject({ warnings: [`${model} takes no temperature; it was left out`] });
		},
	);

	it('keeps a temperature within what Anthropic takes', async () => {
		const { body, result } = await call({ model: 'claude-haiku-4-5', temperature: 1.7 });
		expect(at(body, 'temperature')).toBe(1);
		expect(result).toMatchObject({ warnings: [expect.stringContaining('1.7')] });
	});
});

describe('reasoning effort', () => {
	it.each([
		['low', 'low'],
		['medium', 'medium'],
		['high', 'high'],
		['xhigh', 'xhigh'],
		['max', 'max'],
	] as const)('%s is sent as %s', async (reasoningEffort, sent) => {
		expect(at((await call({ reasoningEffort })).body, 'output_config', 'effort')).toBe(sent);
	});

	it.each(['none', 'minimal'] as const)(
		'%s is sent as the lowest there is, and the user is told',
		async (reasoningEffort) => {
			const { body, result } = await call({ reasoningEffort });
			expect(at(body, 'output_config', 'effort')).toBe('low');
			expect(result).toMatchObject({ warnings: [expect.stringContaining(reasoningEffort)] });
		},
	);

	it.each(['claude-haiku-4-5', 'claude-sonnet-4-5-20250929', 'claude-opus-4-1', 'claude-3-5-haiku-latest'])(
		'is left out for %s',
		async (model) => {
			const { body, result } = await call({ model, reasoningEffort: 'high' });
			expect(at(body, 'output_config')).toBeUndefined();
			expect(result).toMatchObject({ warnings: [expect.stringContaining('effort')] });
		},
	);
});

describe('JSON', () => {
	const words = (body: unknown) => String(at(body, 'system'));

	it('is asked for in words where there is no schema, as Anthropic has no mode for it', async () => {
		const { body } = await call({ output: { kind: 'json' } });
		expect(words(body)).toContain('JSON');
		expect(at(body, 'output_config')).toBeUndefined();
	});

	it('by schema closes every object, as Anthropic demands', async () => {
		const schema = {
			type: 'object',
			properties: { a: { type: 'object', properties: { b: { type: 'number', minimum: 1 } } } },
		};
		const { body } = await call({ output: { kind: 'jsonSchema', schema } });
		expect(at(body, 'output_config', 'format', 'type')).toBe('json_schema');
		expect(at(body, 'output_config', 'format', 'schema', 'additionalProperties')).toBe(false);
		expect(at(body, 'output_config', 'format', 'schema', 'properties', 'a', 'additionalProperties')).toBe(false);
		expect(at(body, 'system')).toBeUndefined();
	});

	it.each([
		['free properties', { type: 'object', additionalProperties: { type: 'number' } }],
		['an object of any kind inside', { type: 'object', properties: { meta: { type: 'object' } } }],
		['no type', { description: 'anything' }],
	])('by schema with %s is asked for in words', async (_name, schema) => {
		const { body } = await call({ output: { kind: 'jsonSchema', schema } });
		expect(at(body, 'output_config')).toBeUndefined();
		expect(words(body)).toContain(JSON.stringify(schema));
	});
});

describe('what it reads', () => {
	it('joins the text and leaves out the thoughts', async () => {
		const content = [
			{ type: 'thinking', thinking: 'hm', signature: 's' },
			{ type: 'text', text: 'Bon' },
			{ type: 'redacted_thinking', data: 'x' },
			{ type: 'text', text: 'jour' },
		];
		expect((await call({}, { content })).result).toMatchObject({ text: 'Bonjour' });
	});

	it('counts as kept for an hour no more than went into the cache', async () => {
		const usage = {
			input_tokens: 1,
			cache_creation_input_tokens: 10,
			cache_creation: { ephemeral_1h_input_tokens: 99 },
			output_tokens: 1,
		};
		expect((await call({}, { usage })).result).toMatchObject({
			usage: { inputTokens: 11, cacheWriteTokens: 10, hourLongCacheWriteTokens: 10 },
		});
	});

	it('counts the cache as input', async () => {
		const usage = {
			input_tokens: 100,
			cache_creation_input_tokens: 2000,
			cache_read_input_tokens: 8000,
			output_tokens: 50,
		};
		expect((await call({}, { usage })).result).toMatchObject({
			usage: { inputTokens: 10100, cachedInputTokens: 8000, outputTokens: 50, reasoningTokens: 0 },
		});
	});

	it('keeps nothing of a refused answer but the category', async () => {
		const refusal = {
			content: [{ type: 'text', text: 'half' }],
			stop_reason: 'refusal',
			stop_details: { type: 'refusal', category: 'bio', explanation: 'long' },
		};
		expect((await call({}, refusal)).result).toMatchObject({
			text: '',
			finishReason: 'content_filter',
			finishDetail: 'refusal: bio',
		});
	});

	it('calls a deprecated model like any other', async () => {
		expect((await call({ model: 'claude-opus-4-6' })).result).toMatchObject({ kind: 'completion', text: 'ok' });
	});
});

describe('a repair', () => {
	it('of an empty answer shows no empty turn, which Anthropic refuses', async () => {
		const { body } = await call({ repair: { answer: ' ', problems: ['no JSON'] } });
		expect(at(body, 'messages', 1)).toBeUndefined();
		expect(at(body, 'messages', 0, 'content', 1, 'text')).toContain('- no JSON');
	});
});

describe('the base URL', () => {
	it.each(['', '/', '/v1', '/v1/'])('may end in "%s"', async (end) => {
		server.answer(reply(200, { data: [] }));
		await createAnthropic({ apiKey: 'KEY', baseUrl: `${server.url}/gateway${end}`, network: {} }).listModels(never);
		expect(server.requests[0]?.path).toBe('/gateway/v1/models?limit=1000');
	});
});

describe('the list of models', () => {
	it('goes through all pages and hides what is retired', async () => {
		server.answer(({ path }) =>
			path.includes('after_id=b')
				? reply(200, { data: [{ id: 'c', display_name: 'C' }], has_more: false, last_id: 'c' })
				: reply(200, {
						data: [
							{ id: 'a', display_name: 'A' },
							{ id: 'b', lifecycle: 'retired' },
						],
						has_more: true,
						last_id: 'b',
					}),
		);
		const models = await createAnthropic({ apiKey: 'KEY', baseUrl: server.url, network: {} }).listModels(never);
		expect(models).toEqual([
			{ id: 'a', name: 'A' },
			{ id: 'c', name: 'C' },
		]);
		expect(server.requests).toHaveLength(2);
	});

	it('ends when a server repeats itself', async () => {
		server.answer(reply(200, { data: [{ id: 'a' }], has_more: true, last_id: 'a' }));
		await createAnthropic({ apiKey: 'KEY', baseUrl: server.url, network: {} }).listModels(never);
		expect(server.requests).toHaveLength(2);
	});
});
