import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CompletionRequest, ReasoningEffort } from '../../nodes/ResilientLlm/engine/request';
import { createGemini } from '../../nodes/ResilientLlm/providers/gemini';
import { fromGeminiReply } from '../../nodes/ResilientLlm/providers/gemini/reply';
import { toGeminiRequest } from '../../nodes/ResilientLlm/providers/gemini/request';
import { loadGeminiSdk } from '../../nodes/ResilientLlm/providers/gemini/sdk';
import { reply, startFaultServer, type FaultServer } from './fault-server';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

const never = new AbortController().signal;

function requestFor(model: string, settings: Partial<CompletionRequest['settings']> = {}): CompletionRequest {
	return {
		content: conversationOf({ prompt: 'hello', systemMessage: '', attachments: [], output: { kind: 'text' } }),
		settings: { model, maxOutputTokens: 64, ...settings },
		dropped: [],
	};
}

const answer = { candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }] };

describe('Gemini over HTTP', () => {
	let server: FaultServer;

	beforeAll(async () => {
		server = await startFaultServer();
	});
	afterAll(async () => {
		await server.close();
	});

	function gemini(baseUrl = server.url) {
		return createGemini({ apiKey: ' secret\n', baseUrl, network: {} });
	}

	it.each(['', '/', '/v1beta', '/v1beta/'])('takes a base URL that ends in "%s"', async (ending) => {
		server.answer(reply(200, answer));
		await gemini(`${server.url}/proxy${ending}`).complete(requestFor('gemini-4-argon'), never);
		expect(server.requests[0]?.path).toBe('/proxy/v1beta/models/gemini-4-argon:generateContent');
		expect(server.requests[0]?.headers['x-goog-api-key']).toBe('secret');
	});

	it('calls tuned models by their own path', async () => {
		server.answer(reply(200, answer));
		await gemini().complete(requestFor('tunedModels/mine-1'), never);
		expect(server.requests[0]?.path).toBe('/v1beta/tunedModels/mine-1:generateContent');
	});

	it.each([
		'../../secrets',
		'a/../b',
		'a?alt=sse',
		'a#b',
		'a b',
		'a%2f',
		'',
		'.',
		'https://elsewhere.example/x',
		'/etc',
	])('sends nothing to a model called %j', async (model) => {
		server.answer(reply(200, answer));
		expect(await gemini().complete(requestFor(model), never)).toMatchObject({
			kind: 'failure',
			reason: 'model_not_found',
		});
		expect(server.requests).toHaveLength(0);
	});

	it('lists every page, and only models that answer prompts', async () => {
		const model = (id: string, method: string) => ({ name: `models/${id}`, supportedGenerationMethods: [method] });
		server.answer(({ path }) =>
			path.includes('pageToken=two%26')
				? reply(200, { models: [model('b', 'generateContent')] })
				: reply(200, { models: [model('a', 'generateContent'), model('e', 'embedContent')], nextPageToken: 'two&' }),
		);
		expect(await gemini().listModels(never)).toEqual([
			{ id: 'a', name: 'a' },
			{ id: 'b', name: 'b' },
		]);
		expect(server.requests).toHaveLength(2);
	});

	it('stops listing when the server repeats itself', async () => {
		server.answer(
			reply(200, {
				models: [{ name: 'models/a', supportedGenerationMethods: ['generateContent'] }],
				nextPageToken: 'again',
			}),
		);
		expect(await gemini().listModels(never)).toHaveLength(2);
		expect(server.requests).toHaveLength(2);
	});

	it('gives a failure when a later page fails', async () => {
		server.answer(({ path }) =>
			path.includes('pageToken') ? reply(503) : reply(200, { models: [{}], nextPageToken: 'two' }),
		);
		expect(await gemini().listModels(never)).toMatchObject({ kind: 'failure', reason: 'overloaded' });
	});
});

describe('the SDK without its global fetch', () => {
	it('calls the fetch that it was loaded with, each time another', async () => {
		const called: string[] = [];
		const ask = async (name: string) => {
			const sdk = loadGeminiSdk(async () => {
				called.push(name);
				return await Promise.resolve(new Response(JSON.stringify(answer)));
			});
			await new sdk.GoogleGenerativeAI('key').getGenerativeModel({ model: 'm' }).generateContent('hello');
		};
		await Promise.all([ask('first'), ask('second')]);
		await ask('third');
		expect(called.sort()).toEqual(['first', 'second', 'third']);
	});
});

describe('a Gemini request', () => {
	it.each<readonly [ReasoningEffort, string]>([
		['none', 'MINIMAL'],
		['minimal', 'MINIMAL'],
		['low', 'LOW'],
		['medium', 'MEDIUM'],
		['high', 'HIGH'],
		['xhigh', 'HIGH'],
		['max', 'HIGH'],
	])('maps reasoning effort %s to %s', (reasoningEffort, thinkingLevel) => {
		const { generationConfig } = toGeminiRequest(requestFor('m', { reasoningEffort }));
		expect(generationConfig).toEqual({ maxOutputTokens: 64, thinkingConfig: { thinkingLevel } });
	});

	it('asks for JSON without a schema by type alone', () => {
		const request = requestFor('m');
		const { generationConfig } = toGeminiRequest({
			...request,
			content: { ...request.content, output: { kind: 'json' } },
		});
		expect(generationConfig).toEqual({ maxOutputTokens: 64, responseMimeType: 'application/json' });
	});

	it('goes without the output limit when that was refused', () => {
		expect(toGeminiRequest({ ...requestFor('m'), dropped: ['maxOutputTokens'] }).generationConfig).toEqual({});
	});
});

describe('a Gemini reply', () => {
	it('counts thoughts as output', () => {
		const usageMetadata = {
			promptTokenCount: 10,
			candidatesTokenCount: 5,
			thoughtsTokenCount: 40,
			totalTokenCount: 55,
		};
		expect(fromGeminiReply({ ...answer, usageMetadata }, 'm')?.usage).toEqual({
			inputTokens: 10,
			outputTokens: 45,
			cachedInputTokens: 0,
			reasoningTokens: 40,
		});
	});

	it('never counts more cached tokens than tokens', () => {
		const usageMetadata = { promptTokenCount: 10, cachedContentTokenCount: 99 };
		expect(fromGeminiReply({ ...answer, usageMetadata }, 'm')?.usage).toMatchObject({
			inputTokens: 10,
			cachedInputTokens: 10,
		});
	});

	it('names the model that answered, or else the one that was asked', () => {
		expect(fromGeminiReply({ ...answer, modelVersion: 'gemini-3.8-flash-001' }, 'm')?.model).toBe(
			'gemini-3.8-flash-001',
		);
		expect(fromGeminiReply(answer, 'm')?.model).toBe('m');
	});

	it('joins the parts of the first candidate, thoughts left out', () => {
		const parts = [{ text: 'hm', thought: true }, { text: 'one ' }, { functionCall: {} }, { text: 'two' }, null, 'x'];
		const candidates = [{ content: { parts }, finishReason: 'STOP' }, { content: { parts: [{ text: 'other' }] } }];
		expect(fromGeminiReply({ candidates }, 'm')?.text).toBe('one two');
	});

	it('lets no free text into the finish detail', () => {
		const candidates = [{ content: { parts: [] }, finishReason: 'the prompt said: secret' }];
		expect(fromGeminiReply({ candidates }, 'm')).toMatchObject({
			finishReason: 'other',
			finishDetail: 'no known finish reason',
		});
	});
});
