import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Completion, Usage } from '../../nodes/ResilientLlm/engine/completion';
import type { Failure } from '../../nodes/ResilientLlm/engine/failure';
import type { CompletionRequest, ModelSettings } from '../../nodes/ResilientLlm/engine/request';
import type { NetworkRules, ProviderSettings } from '../../nodes/ResilientLlm/providers/http/transport';
import {
	gzipBomb,
	htmlPage,
	hugeReply,
	redirect,
	reply,
	startFaultServer,
	type Behaviour,
	type FaultServer,
	type SeenRequest,
} from './fault-server';
import type { Vendor } from './vendors';
import { conversationOf, type Attachment, type SinglePrompt } from '../../nodes/ResilientLlm/engine/conversation';
import { repaired, type Repair } from '../engine/repaired';

const plantedKey = 'planted-7Qx2Lm9Rv4Tz8Wk3';
const prompt = 'Translate into French: good morning, dear colleagues';
const never = new AbortController().signal;

/** A 1 × 1 PNG. */
const image: Attachment = {
	kind: 'image',
	mimeType: 'image/png',
	base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
	fileName: 'pixel.png',
};
const pdf: Attachment = {
	kind: 'pdf',
	mimeType: 'application/pdf',
	base64: Buffer.from('%PDF-1.4\n%%EOF').toString('base64'),
	fileName: 'empty.pdf',
};
const schema = {
	type: 'object',
	properties: { greeting: { type: 'string' } },
	required: ['greeting'],
	additionalProperties: false,
};

type Change = Partial<Omit<CompletionRequest, 'content' | 'settings'>> & {
	readonly content?: Partial<SinglePrompt>;
	readonly repair?: Repair;
	readonly settings?: Partial<ModelSettings>;
};

/** The promise every adapter keeps, tried over real sockets. */
export function providerContract(vendor: Vendor): void {
	let server: FaultServer;

	beforeAll(async () => {
		server = await startFaultServer();
	});
	afterAll(async () => {
		await server.close();
	});
	afterEach(() => {
		vi.unstubAllEnvs();
		vi.unstubAllGlobals();
		vi.restoreAllMocks();
	});

	function settingsFor(origin: string, change: Partial<ProviderSettings> = {}): ProviderSettings {
		return { apiKey: plantedKey, baseUrl: `${origin}${vendor.basePath}`, network: {}, ...change };
	}

	function requestOf({ content, settings, repair, ...rest }: Change = {}): CompletionRequest {
		const question = conversationOf({
			prompt,
			systemMessage: '',
			attachments: [],
			output: { kind: 'text' },
			...content,
		});
		return {
			content: repair === undefined ? question : repaired(question, repair),
			settings: { model: vendor.model, maxOutputTokens: 1024, ...settings },
			dropped: [],
			...rest,
		};
	}

	async function complete(change: Change = {}, signal = never): Promise<Completion | Failure> {
		return await vendor.create(settingsFor(server.url)).complete(requestOf(change), signal);
	}

	function expectKeyIn(request: SeenRequest): void {
		const [header, value] = vendor.keyHeader;
		expect(request.headers[header]).toBe(value.replace('KEY', plantedKey));
		expect(request.raw.split(plantedKey)).toHaveLength(2);
	}

	/** What the adapter sent, read back; it must have been one request. */
	async function sent(change: Change = {}) {
		server.answer(reply(200, vendor.answer({ text: 'ok' })));
		const result = await complete(change);
		expect(server.requests).toHaveLength(1);
		const request = server.requests[0]!;
		return { result, request, read: vendor.read(JSON.parse(request.body)) };
	}

	describe('what it sends', () => {
		it('asks once, at the right place, with the key in its header and nowhere else', async () => {
			const { result, request, read } = await sent({ content: { systemMessage: 'Be brief.' } });
			expect(result).toMatchObject({ kind: 'completion', text: 'ok', finishReason: 'stop' });
			expect(request.method).toBe('POST');
			expect(request.path).toBe(vendor.completionPath);
			expectKeyIn(request);
			expect(read.system).toBe('Be brief.');
			expect(read.turns).toEqual([{ role: 'user', text: prompt }]);
		});

		it('sends no empty system message', async () => {
			const { read, request } = await sent();
			expect(read.system).toBe('');
			expect(request.body).not.toMatch(/system/i);
		});

		it('sends no credential when there is no key', async () => {
			server.answer(reply(200, vendor.answer({ text: 'ok' })));
			const keyless = vendor.create(settingsFor(server.url, { apiKey: '' }));
			await keyless.complete(requestOf(), never);
			for (const request of server.requests) {
				expect(request.headers).not.toHaveProperty(vendor.keyHeader[0]);
				expect(request.headers).not.toHaveProperty('authorization');
			}
		});

		it('puts the output limit under the right name', async () => {
			expect((await sent({ settings: { maxOutputTokens: 77 } })).read.maxOutputTokens).toBe(77);
		});

		it('sends neither temperature nor reasoning effort unless set', async () => {
			const { read, request } = await sent();
			expect(read.temperature).toBeUndefined();
			expect(read.effort).toBeUndefined();
			expect(request.body).not.toMatch(/temperature|effort|think|reasoning/i);
		});

		it('sends the temperature where the vendor takes one, and says so where it cannot', async () => {
			const { read, result } = await sent({ settings: { temperature: 0.5 } });
			expect(read.temperature).toBe(vendor.temperature);
			if (vendor.temperature === undefined) {
				expect(result).toMatchObject({ warnings: [expect.stringMatching(/temperature/i)] });
			}
		});

		it('sends temperature 0, which is set too', async () => {
			const { read } = await sent({ settings: { temperature: 0 } });
			expect(read.temperature).toBe(vendor.temperature === undefined ? undefined : 0);
		});

		it('sends the reasoning effort when set', async () => {
			expect((await sent({ settings: { reasoningEffort: 'low' } })).read.effort).toBe(vendor.lowEffort);
		});

		it('leaves out what the server refused before', async () => {
			const { read } = await sent({
				dropped: ['temperature', 'reasoningEffort'],
				settings: { temperature: 0.5, reasoningEffort: 'low' },
			});
			expect(read.temperature).toBeUndefined();
			expect(read.effort).toBeUndefined();
		});

		it('sends a JSON schema as such, or in words when the server refused it before', async () => {
			const output = { kind: 'jsonSchema', schema } as const;
			expect((await sent({ content: { output } })).read.schema).toEqual(schema);

			const inWords = await sent({ content: { output }, dropped: ['outputFormat'] });
			expect(inWords.read.schema).toBeUndefined();
			const words = inWords.read.system + inWords.read.turns.map(({ text }) => text).join('\n');
			expect(words).toContain('JSON');
			expect(words).toContain('greeting');
		});

		it('sends images', async () => {
			expect((await sent({ content: { attachments: [image, image] } })).read.files).toEqual([
				image.base64,
				image.base64,
			]);
		});

		it('sends PDF files, or says that it cannot without a call', async () => {
			server.answer(reply(200, vendor.answer({ text: 'ok' })));
			const result = await complete({ content: { attachments: [pdf] } });
			if (vendor.takesPdf) {
				expect(vendor.read(JSON.parse(server.requests[0]!.body)).files).toEqual([pdf.base64]);
			} else {
				expect(result).toMatchObject({
					kind: 'failure',
					reason: 'invalid_request',
					message: expect.stringMatching(/PDF/),
				});
				expect(server.requests).toHaveLength(0);
			}
		});

		it('shows the model its answer and what was wrong with it', async () => {
			const { read } = await sent({ repair: { answer: '{"greeting": 1}', problems: ['/greeting must be string'] } });
			expect(read.turns.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
			expect(read.turns[1]!.text).toBe('{"greeting": 1}');
			expect(read.turns[2]!.text).toContain('/greeting must be string');
		});

		it('takes nothing from the host’s environment', async () => {
			const plain = await sent({ settings: { reasoningEffort: 'low' } });
			for (const [name, value] of Object.entries(hostileEnvironment)) vi.stubEnv(name, value);
			const stubbed = await sent({ settings: { reasoningEffort: 'low' } });
			expect(comparable(stubbed.request.raw)).toBe(comparable(plain.request.raw));
			expect(stubbed.request.raw).not.toContain('hostile');

			server.answer(reply(200, vendor.models(['a'])));
			await vendor.create(settingsFor(server.url)).listModels(never);
			expect(server.requests).toHaveLength(1);
			expect(server.requests[0]!.raw).not.toContain('hostile');
		});

		it('uses no global fetch, and writes nothing to the console', async () => {
			const globalFetch = vi.fn(async () => await Promise.reject(new Error('the global fetch was called')));
			vi.stubGlobal('fetch', globalFetch);
			const methods = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
				vi.spyOn(console, name).mockImplementation(() => undefined),
			);
			await sent();
			server.answer(reply(500, { error: 'broken' }));
			await complete();
			expect(globalFetch).not.toHaveBeenCalled();
			for (const method of methods) expect(method).not.toHaveBeenCalled();
		});

		it('keeps calls that run side by side apart', async () => {
			server.answer((request) => {
				const [turn] = vendor.read(JSON.parse(request.body)).turns;
				return reply(200, vendor.answer({ text: `answer to ${turn?.text ?? ''}` }));
			});
			const provider = vendor.create(settingsFor(server.url));
			const results = await Promise.all(
				Array.from(
					{ length: 20 },
					async (_, n) => await provider.complete(requestOf({ content: { prompt: `question ${n}` } }), never),
				),
			);
			expect(results.map((result) => (result.kind === 'completion' ? result.text : result))).toEqual(
				results.map((_, n) => `answer to question ${n}`),
			);
		});
	});

	describe('what it reads', () => {
		it('counts tokens like every other adapter', async () => {
			const usage: Usage = { inputTokens: 1200, outputTokens: 90, cachedInputTokens: 1000, reasoningTokens: 40 };
			server.answer(reply(200, vendor.answer({ text: 'ok', usage })));
			const result = await complete();
			expect(result).toMatchObject({
				kind: 'completion',
				// Ollama counts its thoughts, but not apart.
				usage: vendor.name === 'ollama' ? { ...usage, reasoningTokens: 0 } : usage,
			});
		});

		it('reports no usage when the server does not', async () => {
			const answer = Object.entries(vendor.answer({ text: 'ok' })).filter(([name]) => !/usage|_count$/i.test(name));
			server.answer(reply(200, Object.fromEntries(answer)));
			const result = await complete();
			expect(result).toMatchObject({ kind: 'completion', text: 'ok' });
			expect(result).not.toHaveProperty('usage');
		});

		it('keeps thoughts out of the answer', async () => {
			server.answer(reply(200, vendor.answer({ text: 'the answer', thoughts: 'let me think' })));
			expect(await complete()).toMatchObject({ kind: 'completion', text: 'the answer' });
		});

		it('tells why the model stopped', async () => {
			server.answer(reply(200, vendor.answer({ text: 'half an ans', finish: 'length' })));
			expect(await complete()).toMatchObject({ kind: 'completion', finishReason: 'length', text: 'half an ans' });
			if (vendor.name === 'ollama') return;
			server.answer(reply(200, vendor.answer({ text: '', finish: 'content_filter' })));
			expect(await complete()).toMatchObject({ kind: 'completion', finishReason: 'content_filter', text: '' });
		});

		it('gives an empty answer as such', async () => {
			server.answer(reply(200, vendor.answer({ text: '' })));
			expect(await complete()).toMatchObject({ kind: 'completion', text: '', finishReason: 'stop' });
		});

		it('keeps Unicode whole, however it arrives', async () => {
			const text = 'Grüße 👩‍🚀 日本語 \u0000 \u2028';
			server.answer({ kind: 'drip', status: 200, body: vendor.answer({ text }), everyMs: 0 });
			expect(await complete()).toMatchObject({ kind: 'completion', text });
		});
	});

	describe('one call, whatever comes back', () => {
		const behaviours: ReadonlyArray<readonly [string, Behaviour, readonly string[]]> = [
			[
				'429',
				reply(429, { error: { message: 'slow down' } }, { 'retry-after': '7' }),
				['rate_limited', 'quota_exhausted'],
			],
			['500', reply(500, { error: { message: 'broken' } }), ['server_error']],
			['503 with an empty body', reply(503), ['overloaded']],
			['a web page', htmlPage(), ['bad_response']],
			['a web page with 502', htmlPage(502), ['server_error']],
			['an empty 200', reply(200), ['bad_response']],
			[
				'an empty 200 without a length',
				{ kind: 'bytes', bytes: 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n' },
				['bad_response'],
			],
			['204', { kind: 'bytes', bytes: 'HTTP/1.1 204 No Content\r\n\r\n' }, ['bad_response']],
			['truncated JSON', reply(200, JSON.stringify(vendor.answer({ text: 'cut' })).slice(0, -20)), ['bad_response']],
			['JSON that is null', reply(200, 'null'), ['bad_response']],
			['JSON that is a string', reply(200, '"hello"'), ['bad_response']],
			['JSON that is a list', reply(200, '[]'), ['bad_response']],
			['JSON with nothing in it', reply(200, '{}'), ['bad_response']],
			['an error inside a 200', reply(200, { error: { message: 'upstream failed' } }), ['bad_response']],
			['a reset before the headers', { kind: 'reset' }, ['network']],
			[
				'a reset in the body',
				{ kind: 'reset', after: { status: 200, body: vendor.answer({ text: 'cut' }), sentBytes: 30 } },
				['network'],
			],
			[
				'a body shorter than announced',
				{ kind: 'short', status: 200, body: vendor.answer({ text: 'cut' }), sentBytes: 30 },
				['network'],
			],
			['a connection closed without a word', { kind: 'bytes', bytes: '' }, ['network']],
			['something that is not HTTP', { kind: 'bytes', bytes: 'SSH-2.0-OpenSSH_9.6\r\n' }, ['network', 'bad_response']],
			['a 25 MB reply', hugeReply(vendor.answer({ text: 'huge' })), ['bad_response']],
			['a gzip bomb', gzipBomb(vendor.answer({ text: 'bomb' })), ['bad_response']],
			['broken gzip', reply(200, 'not gzip at all', { 'content-encoding': 'gzip' }), ['bad_response', 'network']],
		];

		it.each(behaviours)('%s', async (_name, behaviour, reasons) => {
			server.answer(behaviour);
			const start = performance.now();
			const result = await complete();
			expect(server.requests).toHaveLength(1);
			expect(result).toMatchObject({ kind: 'failure' });
			expect(reasons).toContain((result as Failure).reason);
			expectPresentable(result as Failure);
			expect(performance.now() - start).toBeLessThan(5_000);
		});

		it('a server that is not there', async () => {
			const gone = await startFaultServer();
			await gone.close();
			const result = await vendor.create(settingsFor(gone.url)).complete(requestOf(), never);
			expect(result).toMatchObject({ kind: 'failure', reason: 'network' });
			expectPresentable(result as Failure);
		});

		it('reads the pause a server asks for', async () => {
			server.answer(reply(503, { error: { message: 'busy' } }, { 'retry-after': '7' }));
			expect(await complete()).toMatchObject({ kind: 'failure', retryAfterMs: 7_000 });
		});

		it('works again after any of these', async () => {
			await sent();
		});
	});

	describe('the signal', () => {
		/** Starts a call, aborts it once the server has done its part, and gives what came of it. */
		async function abortedDuring(behaviour: Behaviour): Promise<Completion | Failure> {
			server.answer(behaviour);
			const controller = new AbortController();
			const served = server.served();
			const result = complete({}, controller.signal);
			await served;
			controller.abort(new Error('the test says stop'));
			return await result;
		}

		it('ends a call that got no headers', async () => {
			expect(await abortedDuring({ kind: 'silence' })).toMatchObject({ kind: 'failure' });
		});

		it('ends a call whose body stalls', async () => {
			const stall: Behaviour = { kind: 'stall', status: 200, body: vendor.answer({ text: 'stalled' }), sentBytes: 30 };
			expect(await abortedDuring(stall)).toMatchObject({ kind: 'failure' });
		});

		it('ends a call whose error body stalls', async () => {
			const stall: Behaviour = { kind: 'stall', status: 500, body: { error: { message: 'broken' } }, sentBytes: 5 };
			expect(await abortedDuring(stall)).toMatchObject({ kind: 'failure' });
		});

		it('ends a call whose body drips', async () => {
			const drip: Behaviour = {
				kind: 'drip',
				status: 200,
				body: vendor.answer({ text: 'x'.repeat(10_000) }),
				everyMs: 20,
			};
			expect(await abortedDuring(drip)).toMatchObject({ kind: 'failure' });
		});

		it('that has fired already sends nothing', async () => {
			server.answer(reply(200, vendor.answer({ text: 'ok' })));
			expect(await complete({}, AbortSignal.abort())).toMatchObject({ kind: 'failure' });
			expect(server.requests).toHaveLength(0);
		});

		it('ends the listing of models', async () => {
			server.answer({ kind: 'silence' });
			const controller = new AbortController();
			const served = server.served();
			const result = vendor.create(settingsFor(server.url)).listModels(controller.signal);
			await served;
			controller.abort();
			expect(await result).toMatchObject({ kind: 'failure' });
		});
	});

	describe('safety', () => {
		it('follows no redirect, and hands no credential on', async () => {
			const thief = await startFaultServer();
			thief.answer(reply(200, vendor.answer({ text: 'stolen' })));
			for (const status of [301, 302, 303, 307, 308]) {
				server.answer({ ...redirect(`${thief.url}/elsewhere`), status } as Behaviour);
				expect(await complete()).toMatchObject({
					kind: 'failure',
					reason: 'bad_response',
					message: expect.stringMatching(/redirect/),
				});
				expect(server.requests).toHaveLength(1);
			}
			server.answer(redirect(`${thief.url}/models`));
			expect(await vendor.create(settingsFor(server.url)).listModels(never)).toMatchObject({ kind: 'failure' });
			expect(thief.requests).toHaveLength(0);
			await thief.close();
		});

		it('calls nothing that the host forbids', async () => {
			server.answer(reply(200, vendor.answer({ text: 'ok' })));
			const network: NetworkRules = { refuse: async (url) => await Promise.resolve(`${url.host} is off limits`) };
			const provider = vendor.create(settingsFor(server.url, { network }));
			expect(await provider.complete(requestOf(), never)).toMatchObject({
				kind: 'failure',
				reason: 'permission_denied',
			});
			expect(await provider.listModels(never)).toMatchObject({ kind: 'failure', reason: 'permission_denied' });
			expect(server.requests).toHaveLength(0);
		});

		it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'not a url', ''])('sends nothing to %j', async (baseUrl) => {
			const provider = vendor.create(settingsFor(server.url, { baseUrl }));
			expect(await provider.complete(requestOf(), never)).toMatchObject({ kind: 'failure' });
			expect(await provider.listModels(never)).toMatchObject({ kind: 'failure' });
		});

		it('never shows the key, though the server repeats it', async () => {
			const echoes: Array<(raw: string) => Behaviour> = [
				(raw) => reply(401, { error: { message: raw, type: raw, code: raw, status: raw, param: raw } }),
				(raw) => reply(400, { error: raw }),
				(raw) => reply(500, raw),
				(raw) => reply(200, { error: { message: raw } }),
				(raw) => reply(200, `<html>${raw}</html>`, { 'content-type': 'text/html' }),
				() => redirect(`http://127.0.0.1:1/?key=${plantedKey}`),
				() => reply(500, { error: { message: 'no' } }, { 'x-request-id': plantedKey, 'request-id': plantedKey }),
				() => ({ kind: 'bytes', bytes: `${plantedKey}\r\n` }),
			];
			for (const echo of echoes) {
				server.answer((request) => echo(request.raw));
				const result = await complete();
				expect(result).toMatchObject({ kind: 'failure' });
				expect(JSON.stringify(result)).not.toContain(plantedKey);
				expectPresentable(result as Failure);
				const listed = await vendor.create(settingsFor(server.url)).listModels(never);
				expect(JSON.stringify(listed)).not.toContain(plantedKey);
			}
		});

		it('never shows a key that no header can hold', async () => {
			server.answer(reply(200, vendor.answer({ text: 'ok' })));
			const provider = vendor.create(settingsFor(server.url, { apiKey: `${plantedKey}\nx-evil: 1` }));
			const result = await provider.complete(requestOf(), never);
			expect(result).toMatchObject({ kind: 'failure' });
			expect(JSON.stringify(result)).not.toContain(plantedKey);
			expect(JSON.stringify(await provider.listModels(never))).not.toContain(plantedKey);
			expect(server.requests).toHaveLength(0);
		});

		it('repeats nothing of the prompt in a failure', async () => {
			server.answer((request) => reply(400, { error: { message: `cannot take this: ${request.body}` } }));
			const result = await complete();
			expect(result).toMatchObject({ kind: 'failure' });
			expect(JSON.stringify(result)).not.toContain('dear colleagues');
		});
	});

	describe('listing models', () => {
		it('asks with the key and gives ids a step can use', async () => {
			server.answer(reply(200, vendor.models(['model-a', 'model-b'])));
			const listed = await vendor.create(settingsFor(server.url)).listModels(never);
			expect(listed).toEqual([
				{ id: 'model-a', name: expect.stringMatching(/model-a/) },
				{ id: 'model-b', name: expect.stringMatching(/model-b/) },
			]);
			const [request] = server.requests;
			expect(request!.method).toBe('GET');
			expect(request!.path.split('?')[0]).toBe(vendor.modelsPath);
			expectKeyIn(request!);
		});

		it.each<readonly [string, Behaviour, string]>([
			['a refused key', reply(401, { error: { message: 'bad key' } }), 'authentication'],
			['a web page', htmlPage(), 'bad_response'],
			['an empty 200', reply(200), 'bad_response'],
			['JSON with nothing in it', reply(200, '{}'), 'bad_response'],
			['a string', reply(200, '"models"'), 'bad_response'],
			['a reset', { kind: 'reset' }, 'network'],
		])('turns %s into a failure', async (_name, behaviour, reason) => {
			server.answer(behaviour);
			const listed = await vendor.create(settingsFor(server.url)).listModels(never);
			expect(listed).toMatchObject({ kind: 'failure', reason });
			expect(server.requests).toHaveLength(1);
		});

		it('passes over entries that make no sense', async () => {
			const list = Object.entries(vendor.models(['good'])).map(([name, value]) => [
				name,
				Array.isArray(value)
					? [null, 1, 'x', {}, { name: 7, id: 7, model: 7 }, ...(value as unknown[])]
					: (value as unknown),
			]);
			server.answer(reply(200, Object.fromEntries(list) as object));
			const listed = await vendor.create(settingsFor(server.url)).listModels(never);
			expect(listed).toEqual([{ id: 'good', name: expect.any(String) }]);
		});
	});

	/**
	 * A second opinion on the protocols, from people who follow the vendors' APIs. Its gaps: all Ollama errors and
	 * Gemini's `error.status` and `details` have the wrong shape, and it lists no Gemini models and Anthropic's in
	 * OpenAI's form, so errors and lists are left to the fault server.
	 */
	describe('against aimock', () => {
		let mock: LLMock;

		beforeAll(async () => {
			mock = new LLMock({ host: '127.0.0.1', port: 0 });
			await mock.start();
		});
		afterAll(async () => {
			await mock.stop();
		});
		afterEach(() => {
			mock.clearFixtures();
		});

		async function ask(change: Change = {}): Promise<Completion | Failure> {
			return await vendor.create(settingsFor(mock.url)).complete(requestOf(change), never);
		}

		it('answers a prompt', async () => {
			mock.onMessage('good morning', { content: 'Bonjour, chers collègues' });
			expect(await ask({ content: { systemMessage: 'Be brief.' } })).toMatchObject({
				kind: 'completion',
				text: 'Bonjour, chers collègues',
				finishReason: 'stop',
				model: vendor.model,
			});
		});

		it('asks for JSON by schema', async () => {
			mock.onMessage('good morning', { content: '{"greeting":"bonjour"}' });
			const result = await ask({ content: { output: { kind: 'jsonSchema', schema } } });
			expect(result).toMatchObject({ kind: 'completion', text: '{"greeting":"bonjour"}' });
		});

		it('shows an image', async () => {
			mock.onMessage('good morning', { content: 'a pixel' });
			expect(await ask({ content: { attachments: [image] } })).toMatchObject({ kind: 'completion', text: 'a pixel' });
		});

		it('learns that the answer was cut', async () => {
			mock.onMessage('good morning', { content: 'Bonj', finishReason: 'length' });
			// aimock's Ollama always says "stop".
			const finishReason = vendor.name === 'ollama' ? 'stop' : 'length';
			expect(await ask()).toMatchObject({ kind: 'completion', finishReason });
		});

		it('learns what it cost', async () => {
			mock.onMessage('good morning', {
				content: 'Bonjour',
				usage: {
					prompt_tokens: 21,
					completion_tokens: 5,
					input_tokens: 21,
					output_tokens: 5,
					promptTokenCount: 21,
					candidatesTokenCount: 5,
				},
			});
			const result = await ask();
			// aimock's Ollama always counts 0, which is no count.
			if (vendor.name === 'ollama') expect(result).not.toHaveProperty('usage');
			else expect(result).toMatchObject({ usage: { inputTokens: 21, outputTokens: 5 } });
		});

		it('repairs an answer in a second turn', async () => {
			mock.onMessage('must be string', { content: '{"greeting":"bonjour"}' });
			const result = await ask({ repair: { answer: '{}', problems: ['/greeting must be string'] } });
			expect(result).toMatchObject({ kind: 'completion', text: '{"greeting":"bonjour"}' });
		});
	});
}

function expectPresentable({ message }: Failure): void {
	expect(message).not.toBe('');
	expect(message).not.toMatch(/[\r\n]/);
	expect(message.length).toBeLessThanOrEqual(400);
}

/** A request without what differs from call to call. */
function comparable(raw: string): string {
	return raw.replace(/^(?:x-stainless-timeout|idempotency-key): .*$/gim, '');
}

/** What an operator may have set for other programs on the same host. */
const hostileEnvironment: Readonly<Record<string, string>> = {
	ANTHROPIC_API_KEY: 'hostile',
	ANTHROPIC_AUTH_TOKEN: 'hostile',
	ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/hostile',
	ANTHROPIC_CUSTOM_HEADERS: 'x-hostile: hostile',
	ANTHROPIC_LOG: 'debug',
	ANTHROPIC_PROFILE: 'hostile',
	OPENAI_API_KEY: 'hostile',
	OPENAI_ADMIN_KEY: 'hostile',
	OPENAI_BASE_URL: 'http://127.0.0.1:9/hostile',
	OPENAI_ORG_ID: 'hostile',
	OPENAI_PROJECT_ID: 'hostile',
	OPENAI_CUSTOM_HEADERS: 'x-hostile: hostile',
	OPENAI_LOG: 'debug',
	OPENAI_WEBHOOK_SECRET: 'hostile',
	GOOGLE_API_KEY: 'hostile',
	GEMINI_API_KEY: 'hostile',
	GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:9/hostile',
	GOOGLE_GENAI_API_VERSION: 'hostile',
	GOOGLE_GENAI_USE_VERTEXAI: 'true',
	GOOGLE_APPLICATION_CREDENTIALS: '/hostile.json',
	OLLAMA_HOST: 'http://127.0.0.1:9/hostile',
	OLLAMA_API_KEY: 'hostile',
};
