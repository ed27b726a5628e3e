import { describe, expect, it } from 'vitest';

import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import { checkAnswer } from '../../nodes/ResilientLlm/engine/answer-check';
import { fromChatReply } from '../../nodes/ResilientLlm/providers/openai/reply';
import { recordedReplies } from '../vendor-rules/replies';
import { contentsOf } from './contents-of';
import { weather } from './openai-conversation';

const read = (message: object, finish_reason: unknown = 'tool_calls', rest: object = {}): Completion =>
	fromChatReply({ id: 'chatcmpl-1', choices: [{ message, finish_reason }], ...rest }, 'gpt-4.1', [weather])!;

const call = (id: unknown, args: unknown = '{"city":"Rome"}', name: unknown = 'get_weather') => ({
	id,
	type: 'function',
	function: { name, arguments: args },
});

const recorded = [...recordedReplies('openai-chat'), ...recordedReplies('openai-compatible')].flatMap(
	({ name, body, expect: expected }) => (body === null || 'fails' in expected ? [] : [{ name, body, expected }]),
);

describe('a recorded reply', () => {
	it.each(recorded)('is read to the token: $name', ({ body, expected }) => {
		const { keepsake, ...contents } = expected;
		const completion = fromChatReply(body, 'm', [weather])!;
		const withRefusal = completion.finishDetail === 'refusal' ? { ...completion, text: contents.text } : completion;
		expect(contentsOf(withRefusal)).toEqual(contents);
		if (keepsake) expect(completion.keepsake).toBeDefined();
	});
});

describe('tool calls', () => {
	it('are read with their arguments as they were written', () => {
		expect(read({ content: null, tool_calls: [call('a', '{ "city":  "Rome" }')] })).toMatchObject({
			text: '',
			finishReason: 'tool_calls',
			toolCalls: [{ id: 'a', name: 'get_weather', argumentsText: '{ "city":  "Rome" }' }],
		});
	});

	it.each([
		['', '{}'],
		[' \n', '{}'],
		[null, '{}'],
		[{ city: 'Rome' }, '{"city":"Rome"}'],
		['{"city":', '{"city":'],
	])('with the arguments %j are read as %s', (args, argumentsText) => {
		expect(read({ tool_calls: [call('a', args)] }).toolCalls).toMatchObject([{ argumentsText }]);
	});

	it('may come without a word on their arguments', () => {
		const bare = { id: 'a', function: { name: 'get_weather' } };
		expect(read({ tool_calls: [bare] }).toolCalls).toMatchObject([{ argumentsText: '{}' }]);
	});

	it.each(['stop', 'STOP', 'tool_calls', 'function_call', 'tool_use', null, undefined])(
		'end the answer whether the server says so or not: %s',
		(word) => {
			const answer = read({ tool_calls: [call('a')] }, word);
			expect(answer.finishReason).toBe('tool_calls');
			expect(answer).not.toHaveProperty('finishDetail');
		},
	);

	it.each([
		['length', 'length'],
		['content_filter', 'content_filter'],
		['abort', 'other'],
	])('are no finished answer when it ended by %s', (word, finishReason) => {
		const answer = read({ tool_calls: [call('a'), call('b', '{"city":"Ro')] }, word);
		expect(answer).toMatchObject({ finishReason, finishDetail: word, toolCalls: [{ id: 'a' }] });
		expect(answer.toolCalls).toHaveLength(1);
	});

	it('that were promised and did not come are told from an answer', async () => {
		const content = { tools: [weather], toolChoice: { kind: 'auto' }, output: { kind: 'text' } } as const;
		for (const message of [{ content: '' }, { content: '', tool_calls: [] }, { tool_calls: [{ id: 'a' }, null] }]) {
			const answer = read(message);
			expect(answer).not.toHaveProperty('toolCalls');
			expect(await checkAnswer(answer, { content })).toMatchObject({ kind: 'failure', reason: 'bad_response' });
		}
	});

	it('without IDs get one each, the same whenever the reply is read', () => {
		const message = { tool_calls: [call(undefined), call(''), call(7), call(undefined, '{"city":"Oslo"}')] };
		const ids = (read(message).toolCalls ?? []).map(({ id }) => id);
		expect(new Set(ids).size).toBe(4);
		for (const id of ids) expect(id).toMatch(/^[0-9a-f]{9}$/);
		expect(read(message).toolCalls?.map(({ id }) => id)).toEqual(ids);
		expect(read(message, 'stop', { id: 'chatcmpl-2' }).toolCalls?.map(({ id }) => id)).not.toEqual(ids);
	});

	it('that came twice are one, and two under one ID stay two', () => {
		const twice = read({ tool_calls: [call('a'), call('a'), call('a', '{"city":"Oslo"}')] }).toolCalls ?? [];
		expect(twice.map(({ argumentsText }) => argumentsText)).toEqual(['{"city":"Rome"}', '{"city":"Oslo"}']);
		expect(twice[0]?.id).toBe('a');
		expect(twice[1]?.id).not.toBe('a');
	});

	it('may come in their old form, which counts only where the new one is missing', () => {
		const function_call = { name: 'get_weather', arguments: '{"city":"Oslo"}' };
		expect(read({ content: null, function_call }, 'function_call')).toMatchObject({
			finishReason: 'tool_calls',
			toolCalls: [{ name: 'get_weather', argumentsText: '{"city":"Oslo"}' }],
		});
		expect(read({ function_call, tool_calls: [call('a')] }).toolCalls).toMatchObject([{ id: 'a' }]);
	});

	it('of a refusal do not count', () => {
		const answer = read({ refusal: 'No.', tool_calls: [call('a')] });
		expect(answer).toMatchObject({ text: '', finishReason: 'content_filter', finishDetail: 'refusal' });
		expect(answer).not.toHaveProperty('toolCalls');
	});

	it('stand beside a text', () => {
		expect(read({ content: 'Let me look.', tool_calls: [call('a')] })).toMatchObject({
			text: 'Let me look.',
			toolCalls: [{ id: 'a' }],
		});
	});
});

describe('what is kept for the next turn', () => {
	it('is reasoning beside calls, and what signs them', () => {
		const signed = { ...call('b'), extra_content: { google: { thought_signature: 's' } } };
		const message = { reasoning_content: 'hm', reasoning_details: [{ text: 'hm' }], tool_calls: [call('a'), signed] };
		expect(read(message).keepsake).toEqual({
			reasoning: 'hm',
			details: [{ text: 'hm' }],
			extras: [null, { google: { thought_signature: 's' } }],
		});
	});

	it('is nothing where no call was made, or nothing came beside it', () => {
		expect(read({ content: 'ok', reasoning_content: 'hm', reasoning_details: [1] }, 'stop')).not.toHaveProperty(
			'keepsake',
		);
		expect(read({ tool_calls: [call('a')], reasoning_content: '', reasoning_details: [] })).not.toHaveProperty(
			'keepsake',
		);
	});
});
