import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AssistantMessage, Message, ToolCall } from '../../../nodes/ResilientLlm/engine/conversation';
import { withFittingIds } from '../../../nodes/ResilientLlm/providers/conversation/call-ids';
import { turnsOf } from '../../../nodes/ResilientLlm/providers/conversation/turns';

const user = (...texts: readonly string[]): Message => ({
	role: 'user',
	parts: texts.map((text) => ({ kind: 'text', text })),
});
const call = (id: string): ToolCall => ({ id, name: `tool ${id}`, argumentsText: '{}' });
const assistant = (text: string, ...ids: readonly string[]): AssistantMessage => ({
	role: 'assistant',
	text,
	toolCalls: ids.map(call),
});
const result = (callId: string, text = `result ${callId}`) =>
	({ role: 'tool', callId, name: `tool ${callId}`, parts: [{ kind: 'text', text }], isError: false }) as const;

describe('a history in order', () => {
	it('stays as it is', () => {
		const messages = [user('q'), assistant('', 'a', 'b'), result('a'), result('b'), assistant('done')];
		expect(turnsOf(messages)).toEqual([
			user('q'),
			assistant('', 'a', 'b'),
			{ role: 'results', results: [result('a'), result('b')] },
			assistant('done'),
		]);
	});
});

describe('a history out of order', () => {
	it('gives every call one result, in the order of the calls', () => {
		const messages = [user('q'), assistant('', 'a', 'b', 'c'), result('c'), result('a'), result('a', 'again')];
		const turns = turnsOf(messages);
		expect(turns[2]).toMatchObject({
			role: 'results',
			results: [result('a'), { callId: 'b', isError: true }, result('c')],
		});
		expect(turns[3]).toEqual(user('Result of tool a:', 'again'));
	});

	it('tells a result whose call was forgotten as text', () => {
		expect(turnsOf([result('a'), user('q')])).toEqual([user('Result of tool a:', 'result a', 'q')]);
	});

	it('drops what is empty, and what one side says twice in a row is one turn', () => {
		const messages = [user('', ' '), user('q'), assistant('  '), user('r'), assistant('a'), assistant('b')];
		expect(turnsOf(messages)).toEqual([user('q', 'r'), assistant('a\n\nb')]);
	});
});

const ids = fc.constantFrom('a', 'b', 'c');
const anyMessage = fc.oneof(
	fc.record({ role: fc.constant('system' as const), text: fc.string() }),
	fc.array(fc.string(), { maxLength: 2 }).map((texts) => user(...texts)),
	fc.tuple(fc.string(), fc.array(ids, { maxLength: 3 })).map(([text, called]) => assistant(text, ...called)),
	ids.map((id) => result(id)),
);

it('whatever was said: every call is answered at once, nothing is empty, and no words are lost', () => {
	fc.assert(
		fc.property(fc.array(anyMessage, { maxLength: 8 }), (messages) => {
			const turns = turnsOf(messages);
			for (const [index, turn] of turns.entries()) {
				const next = turns[index + 1];
				if (turn.role === 'user') expect(turn.parts.length).toBeGreaterThan(0);
				if (turn.role === 'results') expect(turns[index - 1]?.role).toBe('assistant');
				else expect(next?.role).not.toBe(turn.role);
				if (turn.role !== 'assistant') continue;
				const called = turn.toolCalls.map(({ id }) => id);
				expect(new Set(called).size).toBe(called.length);
				if (called.length > 0) expect(next).toMatchObject({ role: 'results' });
				if (next?.role === 'results') expect(next.results.map(({ callId }) => callId)).toEqual(called);
				else expect(turn.text.trim()).not.toBe('');
			}
			const all = JSON.stringify(turns);
			for (const message of messages) {
				if (message.role === 'tool') expect(all).toContain(JSON.stringify(message.parts[0]));
				if (message.role === 'assistant' && message.text.trim() !== '') {
					expect(all).toContain(JSON.stringify(message.text).slice(1, -1));
				}
			}
		}),
	);
});

it('IDs that do not fit become others, the same for a call and its result, and different for different calls', () => {
	const rule = { allowed: /^[a-z]+$/, maxLength: 5 };
	const turns = turnsOf([user('q'), assistant('', 'a', 'A|1', 'abcdef'), result('A|1'), result('a'), result('abcdef')]);
	const [, calls, results] = withFittingIds(turns, rule);
	if (calls?.role !== 'assistant' || results?.role !== 'results') throw new Error('no calls');
	const fitted = calls.toolCalls.map(({ id }) => id);
	expect(fitted).toEqual(['a', expect.stringMatching(/^[0-9a-f]{9}$/), expect.stringMatching(/^[0-9a-f]{9}$/)]);
	expect(new Set(fitted).size).toBe(3);
	expect(results.results.map(({ callId }) => callId)).toEqual(fitted);
	expect(withFittingIds(turns, rule)).toEqual(withFittingIds(turns, rule));
});

it('the same ID in two turns becomes two, and each result keeps to its call', () => {
	const rule = { allowed: /^\w+$/, maxLength: 40 };
	const round = [assistant('', 'call_0', 'call_1'), result('call_0'), result('call_1')];
	const turns = withFittingIds(turnsOf([user('q'), ...round, ...round]), rule);
	const called = turns.flatMap((turn) => (turn.role === 'assistant' ? turn.toolCalls.map(({ id }) => id) : []));
	const answered = turns.flatMap((turn) => (turn.role === 'results' ? turn.results.map(({ callId }) => callId) : []));
	expect(called.slice(0, 2)).toEqual(['call_0', 'call_1']);
	expect(new Set(called).size).toBe(4);
	expect(answered).toEqual(called);
});
