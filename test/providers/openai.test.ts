import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CompletionRequest, ModelSettings } from '../../nodes/ResilientLlm/engine/request';
import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { createOpenAi } from '../../nodes/ResilientLlm/providers/openai';
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

type Change = Partial<Pick<CompletionRequest, 'dropped'>> &
	Partial<ModelSettings> & { readonly output?: OutputFormat; readonly systemMessage?: string };

async function call(change: Change = {}, message: object = { content: 'ok' }, rest: object = {}) {
	server.answer(reply(200, { model: 'gpt-6-luna', choices: [{ message, finish_reason: 'stop' }], ...rest }));
	const { output = { kind: 'text' }, systemMessage = '', dropped = [], ...settings } = change;
	const result = await createOpenAi({
		apiKey: 'KEY',
		baseUrl: server.url,
		organization: 'org-1',
		network: {},
	}).complete(
		{
			content: conversationOf({ prompt: 'Say ok', systemMessage, attachments: [], output }),
			settings: { model: 'gpt-6-luna', maxOutputTokens: 100, ...settings },
			dropped,
		},
		never,
	);
	const [request] = server.requests;
	return { result, request: request!, body: JSON.parse(request!.body) as unknown };
}

describe('a request', () => {
	it('names the organization, and finds /v1 by itself', async () => {
		const { request } = await call();
		expect(request.headers['openai-organization']).toBe('org-1');
		expect(request.path).toBe('/v1/chat/completions');
	});

	it.each([
		['gpt-6-luna', 'developer'],
		['gpt-5-mini', 'developer'],
		['o4-mini', 'developer'],
		['gpt-4o-mini', 'system'],
		['gpt-5-chat-latest', 'system'],
	])('to %s gives its instructions as %s', async (model, role) => {
		expect(at((await call({ model, systemMessage: 'Be brief.' })).body, 'messages', 0)).toEqual({
			role,
			content: 'Be brief.',
		});
	});

	it('limits the output under the new name, or the old one where the new one was refused', async () => {
		expect(at((await call()).body, 'max_completion_tokens')).toBe(100);
		const { body } = await call({ dropped: ['maxOutputTokens'] });
		expect(at(body, 'max_tokens')).toBe(100);
		expect(at(body, 'max_completion_tokens')).toBeUndefined();
	});

	it.each<readonly [string, ModelSettings['reasoningEffort'], boolean]>([
		['gpt-4o-mini', undefined, true],
		['gpt-4.1', undefined, true],
		['gpt-5-chat-latest', undefined, true],
		['gpt-6-luna', undefined, false],
		['gpt-6-luna', 'none', true],
		['gpt-5.4', 'none', true],
		['gpt-5', 'none', false],
		['gpt-6-astra', 'none', false],
		['o3', undefined, false],
	])('to %s with effort %s takes a temperature: %s', async (model, reasoningEffort, isTaken) => {
		const { body, result } = await call({ model, temperature: 0.4, ...(reasoningEffort && { reasoningEffort }) });
		expect(at(body, 'temperature')).toBe(isTaken ? 0.4 : undefined);
		if (isTaken) expect(result).not.toHaveProperty('warnings');
		else expect(result).toMatchObject({ warnings: [expect.stringContaining('temperature')] });
	});

	it('leaves the effort out for a model that does not reason, and says so', async () => {
		const { body, result } = await call({ model: 'gpt-4o-mini', reasoningEffort: 'high' });
		expect(at(body, 'reasoning_effort')).toBeUndefined();
		expect(result).toMatchObject({ warnings: [expect.stringContaining('reasoning effort')] });
	});
});

describe('JSON', () => {
	it('without a schema is asked for in a mode that wants the word JSON said', async () => {
		const { body } = await call({ output: { kind: 'json' } });
		expect(at(body, 'response_format')).toEqual({ type: 'json_object' });
		expect(at(body, 'messages', 0, 'content')).toContain('JSON');

		const said = await call({ output: { kind: 'json' }, systemMessage: 'Write json.' });
		expect(at(said.body, 'messages', 0, 'content')).toBe('Write json.');
	});

	const closed = {
		type: 'object',
		properties: { a: { type: 'string' } },
		required: ['a'],
		additionalProperties: false,
	};
	it.each([
		['a closed object with all required', closed, true],
		['objects inside that are closed too', { ...closed, properties: { a: { type: 'array', items: closed } } }, true],
		['an optional property', { ...closed, required: [] }, false],
		['an open object', { type: 'object', properties: {}, required: [] }, false],
		[
			'an open object inside',
			{ ...closed, properties: { a: { anyOf: [closed, { type: 'object', properties: {} }] } } },
			false,
		],
		[
			'an open object in its definitions',
			{ ...closed, $defs: { b: { type: 'object', properties: { c: {} } } } },
			false,
		],
		['a list at its root', { type: 'array', items: closed }, false],
		['a word strict mode does not know', { ...closed, properties: { a: { oneOf: [{ type: 'string' }] } } }, false],
	])('by schema with %s is strict: %s %s', async (_name, schema, strict) => {
		const { body } = await call({ output: { kind: 'jsonSchema', schema } });
		expect(at(body, 'response_format', 'json_schema', 'schema')).toEqual(schema);
		expect(at(body, 'response_format', 'json_schema', 'strict')).toBe(strict);
	});
});

describe('what it reads', () => {
	it('takes a refusal for one, and none of its words', async () => {
		const { result } = await call({}, { content: null, refusal: "I'm sorry, but I cannot help with that." });
		expect(result).toMatchObject({ text: '', finishReason: 'content_filter', finishDetail: 'refusal' });
	});

	it('counts reasoning beside the completion where the total says so', async () => {
		const usage = {
			prompt_tokens: 10,
			completion_tokens: 5,
			total_tokens: 35,
			completion_tokens_details: { reasoning_tokens: 20 },
		};
		const { result } = await call({}, { content: 'ok' }, { usage });
		expect(result).toMatchObject({ usage: { inputTokens: 10, outputTokens: 25, reasoningTokens: 20 } });
	});

	it('names the model asked for when the reply names none worth showing', async () => {
		for (const model of [undefined, '', 7, 'x'.repeat(500), 'two\nlines']) {
			expect((await call({}, { content: 'ok' }, { model })).result).toMatchObject({ model: 'gpt-6-luna' });
		}
	});
});

describe('the list of models', () => {
	it('shows what can chat and is still there', async () => {
		const ids = [
			'gpt-6-luna',
			'text-embedding-3-small',
			'whisper-1',
			'gpt-image-2',
			'o3-deep-research',
			'gpt-6-codex',
			'o4-mini',
		];
		const gone = { id: 'gpt-4', shutdown_date: '2026-10-23' };
		const goneByNumber = { id: 'gpt-4-turbo', shutdown_date: 1_700_000_000 };
		const going = { id: 'gpt-5', shutdown_date: '2999-12-10' };
		server.answer(reply(200, { data: [...ids.map((id) => ({ id })), gone, goneByNumber, going] }));
		const models = await createOpenAi({ apiKey: 'KEY', baseUrl: server.url, network: {} }).listModels(never);
		expect(Array.isArray(models) && models.map(({ id }: { id: string }) => id)).toEqual([
			'gpt-6-luna',
			'o4-mini',
			'gpt-5',
		]);
	});

	it('is no longer than a list can be', async () => {
		server.answer(reply(200, { data: Array.from({ length: 3000 }, (_, n) => ({ id: `m${n}` })) }));
		expect(await createOpenAi({ apiKey: 'KEY', baseUrl: server.url, network: {} }).listModels(never)).toHaveLength(
			1000,
		);
	});
});
