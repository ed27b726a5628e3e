import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CompletionRequest, ModelSettings, ReasoningEffort } from '../../nodes/ResilientLlm/engine/request';
import { createOllama } from '../../nodes/ResilientLlm/providers/ollama';
import { fewestTokens, promptWasCut } from '../../nodes/ResilientLlm/providers/ollama/context';
import { fromOllamaReply } from '../../nodes/ResilientLlm/providers/ollama/reply';
import { toOllamaRequest } from '../../nodes/ResilientLlm/providers/ollama/request';
import { reply, startFaultServer, type FaultServer } from './fault-server';
import { conversationOf, type SinglePrompt } from '../../nodes/ResilientLlm/engine/conversation';

const never = new AbortController().signal;

function requestFor(settings: Partial<ModelSettings> = {}, content: Partial<SinglePrompt> = {}): CompletionRequest {
	return {
		content: conversationOf({
			prompt: 'hello',
			systemMessage: '',
			attachments: [],
			output: { kind: 'text' },
			...content,
		}),
		settings: { model: 'gemma4', maxOutputTokens: 64, ...settings },
		dropped: [],
	};
}

function answer(change: object = {}) {
	return {
		model: 'gemma4',
		message: { role: 'assistant', content: 'hi' },
		done: true,
		done_reason: 'stop',
		prompt_eval_count: 12,
		eval_count: 3,
		...change,
	};
}

describe('Ollama over HTTP', () => {
	let server: FaultServer;

	beforeAll(async () => {
		server = await startFaultServer();
	});
	afterAll(async () => {
		await server.close();
	});

	function ollama(baseUrl = server.url) {
		return createOllama({ apiKey: '', baseUrl, network: {} });
	}

	it.each(['', '/', '/api', '/api/', '/v1'])('takes a base URL that ends in "%s"', async (ending) => {
		server.answer(reply(200, answer()));
		await ollama(`${server.url}${ending}`).complete(requestFor(), never);
		expect(server.requests[0]?.path).toBe('/api/chat');
	});

	it('says how to get a model that is missing', async () => {
		server.answer(reply(404, { error: "model 'gemma4' not found" }));
		expect(await ollama().complete(requestFor(), never)).toMatchObject({
			reason: 'model_not_found',
			message: 'Ollama has no model "gemma4"; run: ollama pull gemma4',
		});
	});

	it('sends an image as it is, even when it looks like a path', async () => {
		server.answer(reply(200, answer()));
		const attachments = [{ kind: 'image', mimeType: 'image/png', base64: '/etc/hostname', fileName: 'x.png' }] as const;
		await ollama().complete(requestFor({}, { attachments }), never);
		expect(JSON.parse(server.requests[0]!.body)).toMatchObject({ messages: [{ images: ['/etc/hostname'] }] });
	});

	it('takes an answer to a cut prompt for a failure, and keeps what it cost', async () => {
		server.answer(reply(200, answer({ prompt_eval_count: 2050, eval_count: 9 })));
		const prompt = 'This sentence is one of very many. '.repeat(1000);
		expect(await ollama().complete(requestFor({}, { prompt }), never)).toEqual({
			kind: 'failure',
			reason: 'context_too_long',
			message: 'Ollama read only 2050 tokens of the prompt; it needs a larger context window (num_ctx)',
			httpStatus: 200,
			model: 'gemma4',
			usage: { inputTokens: 2050, outputTokens: 9, cachedInputTokens: 0, reasoningTokens: 0 },
		});
	});

	it('trusts an answer without a count', async () => {
		server.answer(reply(200, answer({ prompt_eval_count: undefined })));
		const prompt = 'This sentence is one of very many. '.repeat(1000);
		expect(await ollama().complete(requestFor({}, { prompt }), never)).toMatchObject({ kind: 'completion' });
	});
});

describe('an Ollama request', () => {
	it('never lets the server drop a part of the prompt', () => {
		expect(toOllamaRequest(requestFor())).toEqual({
			model: 'gemma4',
			messages: [{ role: 'user', content: 'hello' }],
			stream: false,
			truncate: false,
			shift: false,
			options: { num_predict: 64 },
		});
	});

	it('asks for the context window when it is known', () => {
		expect(toOllamaRequest(requestFor({ contextWindow: 8192 })).options).toEqual({ num_ctx: 8192, num_predict: 64 });
	});

	it.each<readonly [ReasoningEffort, unknown]>([
		['none', false],
		['minimal', 'low'],
		['low', 'low'],
		['medium', 'medium'],
		['high', 'high'],
		['xhigh', 'high'],
		['max', 'high'],
	])('maps reasoning effort %s to think %j', (reasoningEffort, think) => {
		expect(toOllamaRequest(requestFor({ reasoningEffort })).think).toBe(think);
	});

	it('asks for JSON by grammar and in words', () => {
		const request = toOllamaRequest(requestFor({}, { output: { kind: 'json' }, systemMessage: 'Be brief.' }));
		expect(request.format).toBe('json');
		expect(request.messages[0]).toEqual({
			role: 'system',
			content: 'Be brief.\n\nAnswer with one valid JSON value only: no explanation, no Markdown.',
		});
	});
});

describe('an Ollama reply', () => {
	it('counts what came from the prompt cache', () => {
		expect(fromOllamaReply(answer({ prompt_eval_cached_count: 8 }), 'm')?.usage).toEqual({
			inputTokens: 12,
			outputTokens: 3,
			cachedInputTokens: 8,
			reasoningTokens: 0,
		});
	});

	it('tells a full context window from a reached output limit', () => {
		const cut = answer({ done_reason: 'length', prompt_eval_count: 4000, eval_count: 96 });
		expect(fromOllamaReply(cut, 'm', 4096)?.finishReason).toBe('context_window');
		expect(fromOllamaReply(cut, 'm', 8192)?.finishReason).toBe('length');
		expect(fromOllamaReply(cut, 'm')?.finishReason).toBe('length');
	});

	it.each([{ done_reason: 'load' }, { done_reason: 'unload' }, { done: false }, { message: {} }])(
		'is none when it says %j',
		(change) => {
			expect(fromOllamaReply(answer(change), 'm')).toBeUndefined();
		},
	);

	it('drops thoughts that a model wrote before its answer', () => {
		const content = '<think>\nlet me see\n</think>\n\n42, or <think>';
		expect(fromOllamaReply(answer({ message: { role: 'assistant', content } }), 'm')?.text).toBe('42, or <think>');
	});
});

/** Texts with the number of tokens that a current vocabulary (o200k) makes of them. */
const wholeTexts: ReadonlyArray<readonly [string, string, number]> = [
	['one word', 'Hello', 1],
	['plain English', 'The quick brown fox jumps over the lazy dog. '.repeat(200), 2001],
	['nothing but blanks', ' '.repeat(20_000), 157],
	['words far apart', `a${' '.repeat(500)}`.repeat(50), 300],
	['rulers', `${'='.repeat(4000)}\n`.repeat(5), 315],
	['one word over and over', 'no '.repeat(3000), 3001],
	['Chinese', '今天天气很好，我们去公园散步吧。'.repeat(200), 2400],
	['Thai', 'สวัสดีครับวันนี้อากาศดีมาก'.repeat(100), 1100],
	['German', 'Donaudampfschifffahrtsgesellschaftskapitän '.repeat(100), 1202],
	['base64', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo'.repeat(100), 2000],
	['digits', '0123456789'.repeat(500), 1667],
	['emoji', '👩‍🚀🎉'.repeat(300), 2100],
	['contractions', "don't won't can't shan't ".repeat(100), 601],
	['identifiers', 'snake_case_name kebab-case-name '.repeat(100), 701],
];

describe('a prompt that Ollama cut', () => {
	it.each(wholeTexts)('is never seen in %s that was read to the end', (_name, text, tokens) => {
		expect(promptWasCut(text, tokens, undefined)).toBe(false);
		expect(promptWasCut(text, tokens, 131_072)).toBe(false);
	});

	it('is never seen when every word was counted, whatever the text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.nat(2000), (text, templateTokens) => {
				const words = text.split(/\s+/).length;
				// A text this short never reaches the counts at which the window's size matters.
				expect(promptWasCut(text, fewestTokens(text) + (templateTokens % 900), undefined)).toBe(false);
				expect(fewestTokens(text)).toBeLessThanOrEqual(words + text.replace(/[\p{L}\p{M}\p{N}]/gu, '').length);
			}),
		);
	});

	it('grows by no token when blanks or punctuation are added', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom('word', '漢字', '42', 'é')),
				fc.constantFrom(' ', '\n\n', ' , ', '\t== '),
				(words, gap) => {
					expect(fewestTokens(words.join(gap))).toBe(words.length);
				},
			),
		);
	});

	const sentence = 'This sentence is one of very many. ';

	it('is seen when fewer tokens were read than the text has words', () => {
		expect(promptWasCut(sentence.repeat(1000), 6000, undefined)).toBe(true);
		expect(promptWasCut(sentence.repeat(1000), 8001, undefined)).toBe(false);
	});

	it('is seen when the count fills the window', () => {
		expect(promptWasCut('short', 4096, 4096)).toBe(true);
		expect(promptWasCut('short', 4095, 4096)).toBe(false);
	});

	it.each([2050, 2051, 4096, 4098, 16_386])(
		'is seen in a count of %i, which is what a cut leaves, with far more text',
		(count) => {
			const noWords = '({[;]}) '.repeat(count * 2);
			expect(promptWasCut(noWords, count, undefined)).toBe(true);
			expect(promptWasCut(noWords, count + 77, undefined)).toBe(false);
			expect(promptWasCut(noWords.slice(0, count * 5), count, undefined)).toBe(false);
		},
	);

	it('is seen in half of a window that we asked for', () => {
		expect(promptWasCut('({[;]}) '.repeat(12_000), 3002, 6000)).toBe(true);
		expect(promptWasCut('({[;]}) '.repeat(12_000), 3002, undefined)).toBe(false);
	});
});
