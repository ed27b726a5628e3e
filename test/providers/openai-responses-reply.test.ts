import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import { fromResponsesReply } from '../../nodes/ResilientLlm/providers/openai/responses-reply';
import { recordedReplies } from '../vendor-rules/replies';
import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { contentsOf } from './contents-of';
import { ask, weather } from './openai-conversation';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
afterAll(async () => {
	await server.close();
});

const newest = { model: 'gpt-6-luna' } as const;

const read = (body: object): Completion | undefined => fromResponsesReply({ model: 'm', ...body }, 'm', [weather]);
const said = (...content: readonly object[]) => ({ type: 'message', id: 'msg_1', role: 'assistant', content });
const called = (args: string, name = 'get_weather') => ({
	type: 'function_call',
	id: 'fc_1',
	call_id: 'call_1',
	name,
	arguments: args,
});
const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' };

const recorded = recordedReplies('openai-responses').flatMap(({ name, body, expect: expected }) =>
	body === null || 'fails' in expected ? [] : [{ name, body, expected }],
);

describe('a reply', () => {
	it.each(recorded)('as recorded is read to the token: $name', ({ body, expected }) => {
		const { keepsake, ...contents } = expected;
		const completion = read(body)!;
		expect(contentsOf(completion)).toEqual(contents);
		expect(completion.keepsake !== undefined).toBe(keepsake === true);
		expect(completion.model).toBe('gpt-6-luna');
	});

	it('is read with its cost and its tracks', async () => {
		server.answer(() => ({
			calls: [{ name: 'get_weather', args: { city: 'Rome' } }],
			usage: { input: 1000, output: 300, reasoning: 200, cacheRead: 600, cacheWritten: 100 },
		}));
		const { result: answer } = await ask(server, { tools: [weather], settings: newest });
		expect(answer).toEqual({
			kind: 'completion',
			text: '',
			toolCalls: [{ id: expect.any(String), name: 'get_weather', argumentsText: '{"city":"Rome"}' }],
			finishReason: 'tool_calls',
			usage: {
				inputTokens: 1000,
				outputTokens: 300,
				reasoningTokens: 200,
				cachedInputTokens: 600,
				cacheWriteTokens: 100,
			},
			model: 'gpt-6-luna',
			requestId: expect.stringMatching(/^req_/),
		});
	});

	it('counts as cached and written no more than was read, as reasoning no more than was written', () => {
		const usage = {
			input_tokens: 100,
			input_tokens_details: { cached_tokens: 80, cache_write_tokens: 90 },
			output_tokens: 10,
			output_tokens_details: { reasoning_tokens: 11 },
		};
		expect(read({ status: 'completed', usage })?.usage).toEqual({
			inputTokens: 100,
			cachedInputTokens: 80,
			cacheWriteTokens: 20,
			outputTokens: 10,
			reasoningTokens: 10,
		});
	});

	it('says at which rate it was served, where it was not the standard one', () => {
		const usage = { input_tokens: 1, output_tokens: 1 };
		for (const [tier, rate] of [
			['priority', 'priority'],
			['flex', 'flex'],
			['default', undefined],
			[null, undefined],
		]) {
			expect(read({ status: 'completed', usage, service_tier: tier })?.usage?.specialRate).toBe(rate);
		}
	});

	it.each([
		['completed', null, 'stop', undefined],
		['incomplete', { reason: 'max_output_tokens' }, 'length', 'max_output_tokens'],
		['incomplete', { reason: 'content_filter' }, 'content_filter', 'content_filter'],
		['incomplete', null, 'other', 'incomplete'],
		['in_progress', null, 'other', 'in_progress'],
		['cancelled', null, 'other', 'cancelled'],
	])('that is %s for %j ends as %s', (status, incomplete_details, finishReason, finishDetail) => {
		const output = [said({ type: 'output_text', text: 'ok' })];
		const answer = read({ status, incomplete_details, output });
		expect(answer).toMatchObject({ text: 'ok', finishReason });
		expect(answer?.finishDetail).toBe(finishDetail);
	});

	it('of several messages is all of them, without what was refused or thought', () => {
		const output = [
			thought,
			said({ type: 'output_text', text: 'One, ' }, { type: 'output_text', text: 'two.' }),
			said({ type: 'output_text', text: '' }, { type: 'reasoning_text', text: 'hm' }),
			{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
			said({ type: 'output_text', text: 'Three.' }),
		];
		expect(read({ status: 'completed', output })).toMatchObject({ text: 'One, two.\n\nThree.', finishReason: 'stop' });
	});

	it('that refuses is no answer, whatever else is in it', () => {
		const output = [said({ type: 'output_text', text: 'Well. ' }, { type: 'refusal', refusal: 'No.' }), called('{}')];
		const answer = read({ status: 'completed', output });
		expect(answer).toMatchObject({ text: '', finishReason: 'content_filter', finishDetail: 'refusal' });
		expect(answer).not.toHaveProperty('toolCalls');
	});

	it('keeps no reasoning that led to nothing, or that is not there', () => {
		const { encrypted_content: _, ...bare } = thought;
		expect(read({ status: 'completed', output: [called('{}'), thought] })).not.toHaveProperty('keepsake');
		expect(read({ status: 'completed', output: [bare, called('{}')] })).not.toHaveProperty('keepsake');
		expect(read({ status: 'completed', output: [thought, called('{}'), thought] })?.keepsake).toEqual({
			items: [thought, called('{}')],
		});
	});

	it('has calls by the names of their tools, blank arguments as none', () => {
		const output = [called(' '), { ...called('{}', 'unheard_of'), call_id: 'call_2' }];
		expect(read({ status: 'completed', output })?.toolCalls).toEqual([
			{ id: 'call_1', name: 'get_weather', argumentsText: '{}' },
			{ id: 'call_2', name: 'unheard_of', argumentsText: '{}' },
		]);
	});

	it.each([{}, { output: 'x' }, { status: 'completed' }, []])('without an output is none: %j', (body) => {
		expect(read(body)).toBeUndefined();
	});
});

describe('a failure', () => {
	const failing = async (body: object, status = 200) => {
		server.answer(() => ({ status, body }));
		return (await ask(server, { tools: [weather], settings: newest })).result;
	};
	const failed = { object: 'response', status: 'failed', output: [], model: 'gpt-6-luna' };

	it.each([
		[{ code: 'server_error', message: 'The model failed.' }, 'server_error'],
		[{ code: 'rate_limit_exceeded', message: 'Slow down.' }, 'rate_limited'],
		[{ code: 'invalid_prompt', message: 'Not allowed.' }, 'content_blocked'],
		[null, 'server_error'],
	])('inside a 200 is one: %j', async (error, reason) => {
		expect(await failing({ ...failed, error })).toMatchObject({ kind: 'failure', reason, httpStatus: 200 });
	});

	it('by status is read as in chat completions', async () => {
		const error = { message: 'Too many.', type: 'requests', code: 'rate_limit_exceeded' };
		expect(await failing({ error }, 429)).toMatchObject({ reason: 'rate_limited', httpStatus: 429 });
		const long = { message: 'Your input exceeds the context window of this model.', code: 'context_length_exceeded' };
		expect(await failing({ error: long }, 400)).toMatchObject({ reason: 'context_too_long' });
	});

	it('is a reply with nothing in it', async () => {
		expect(await failing({ object: 'response', status: 'completed' })).toMatchObject({ reason: 'bad_response' });
	});
});
