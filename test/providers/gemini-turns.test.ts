import { describe, expect, it } from 'vitest';

import type { AssistantMessage } from '../../nodes/ResilientLlm/engine/conversation';
import { isGemini3OrLater } from '../../nodes/ResilientLlm/providers/gemini/models';
import { fromGeminiReply } from '../../nodes/ResilientLlm/providers/gemini/reply';
import { toGeminiRequest } from '../../nodes/ResilientLlm/providers/gemini/request';
import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { recordedReplies } from '../vendor-rules/replies';
import {
	current,
	image,
	loop,
	now,
	older,
	own,
	requestFor,
	result,
	sentParts,
	user,
	weather,
	foreign,
} from './gemini-samples';

describe('what Gemini is sent', () => {
	it('declares tools by their JSON schema, and none of parameters that there are not', () => {
		const { $schema: _, ...schema } = weather.schema;
		expect(toGeminiRequest(requestFor({})).tools).toEqual([
			{
				functionDeclarations: [
					{ name: 'weather', description: 'Weather of a city', parametersJsonSchema: schema },
					{ name: 'now', description: 'now' },
				],
			},
		]);
	});

	it.each([
		{ additionalProperties: true },
		{ additionalProperties: {} },
		{ anyOf: [{ required: ['a'] }] },
		{ patternProperties: {} },
	])('keeps the schema %j, which allows parameters without naming them', (schema) => {
		const { tools } = toGeminiRequest(requestFor({ tools: [{ ...now, schema }] }));
		expect(at(tools, 0, 'functionDeclarations', 0, 'parametersJsonSchema')).toEqual({ ...schema, type: 'object' });
	});

	it('holds results as objects, errors told apart, under the IDs of their calls', () => {
		const messages = [...loop.slice(0, 3), result('call_2', 'now', { isError: true })];
		const [, calls, results] = sentParts({ messages });
		const [one, two] = [at(calls, 0, 'functionCall', 'id'), at(calls, 1, 'functionCall', 'id')];
		expect(one).toMatch(/^[0-9a-f]{9}$/);
		expect(two).toBe('call_2');
		expect(results).toEqual([
			{ functionResponse: { id: one, name: 'weather', response: { output: 'Sun' } } },
			{ functionResponse: { id: two, name: 'now', response: { error: 'Sun' } } },
		]);
	});

	it('names the dummy signature on the first call of every turn that has none, for models that look for one', () => {
		const dummy = { thoughtSignature: 'skip_thought_signature_validator' };
		const [, calls] = sentParts({ messages: [...loop, user('And?')] });
		expect(calls).toMatchObject([dummy, {}]);
		expect(calls?.[1]).not.toHaveProperty('thoughtSignature');
		expect(JSON.stringify(sentParts({ messages: loop }, older))).not.toMatch(/thoughtSignature|"id"/);
	});

	it('holds the files of a result in it, or after all results for older models', () => {
		const messages = [
			...loop.slice(0, 2),
			result('toolu_01|x', 'weather', { parts: [image] }),
			result('call_2', 'now'),
		];
		const data = { inlineData: { mimeType: 'image/png', data: 'QUJDRA==' } };
		expect(sentParts({ messages })[2]).toMatchObject([
			{ functionResponse: { parts: [data], response: { output: '' } } },
			{},
		]);
		const [, , results, files] = sentParts({ messages }, older);
		expect(results).toEqual([
			{ functionResponse: { name: 'weather', response: { output: '' } } },
			{ functionResponse: { name: 'now', response: { output: 'Sun' } } },
		]);
		expect(files).toEqual([{ text: 'Files in the result of weather:' }, data]);
	});

	it('holds no half characters', () => {
		const cut = 'a\uD83D';
		const messages = [
			user(cut),
			{ ...foreign, text: cut },
			result('call_2', 'now', { parts: [{ kind: 'text', text: cut }] }),
		];
		expect(
			JSON.stringify(toGeminiRequest(requestFor({ messages: [{ role: 'system', text: cut }, ...messages] }))),
		).not.toMatch(/\\ud83d/i);
	});
});

describe('what Gemini wrote', () => {
	const signed = { functionCall: { name: 'weather', args: { city: 'Rome' }, id: 'abc' }, thoughtSignature: 'c2ln' };
	const answerOf = (parts: readonly unknown[], finishReason = 'STOP') => {
		const answer = fromGeminiReply({ candidates: [{ content: { parts }, finishReason }] }, current, [weather, now]);
		if (answer === undefined) throw new Error('no answer');
		return answer;
	};
	const turnWith = (change: Partial<AssistantMessage>) => {
		const message = { ...own(answerOf([signed, { functionCall: { name: 'now' } }])), ...change };
		return sentParts({ messages: [user('q'), message, ...message.toolCalls.map(({ id, name }) => result(id, name))] });
	};
	const city = (argumentsText: string) => [
		{ id: 'abc', name: 'weather', argumentsText },
		{ id: 'def', name: 'now', argumentsText: '{}' },
	];

	it('goes back as it came, without what it only thought or said in no words', () => {
		const parts = [{ text: 'hm', thought: true }, { text: '' }, signed, { text: '', thoughtSignature: 'bGFzdA==' }];
		const answer = answerOf(parts);
		expect(answer).toMatchObject({ text: '', toolCalls: [{ id: 'abc', name: 'weather' }] });
		expect(sentParts({ messages: [user('q'), own(answer)] })[1]).toEqual(parts.slice(2));
	});

	it('goes back as it came when somebody added to the arguments', () => {
		const [, calls, results] = turnWith({ toolCalls: city('{"id":"n8n","city":"Rome"}') });
		expect(calls).toEqual([signed, { functionCall: { name: 'now' } }]);
		expect(results).toMatchObject([{ functionResponse: { id: 'abc' } }, { functionResponse: { name: 'now' } }]);
		expect(at(results, 1, 'functionResponse', 'id')).toBeUndefined();
	});

	it.each<readonly [string, Partial<AssistantMessage>]>([
		['other arguments', { toolCalls: city('{"city":"Oslo"}') }],
		['fewer calls', { toolCalls: city('{"city":"Rome"}').slice(0, 1) }],
		['another tool', { toolCalls: city('{"city":"Rome"}').map((call) => ({ ...call, name: 'now' })) }],
		['another text', { text: 'changed' }],
		['a keepsake that is none', { keepsake: { target: 'gemini', content: [null, 'x'] } }],
	])('does not go back with %s', (_case, change) => {
		const sent = JSON.stringify(turnWith(change));
		expect(sent).not.toContain('c2ln');
		expect(sent).toContain('skip_thought_signature_validator');
	});

	it('calls nothing that it only thought of calling', () => {
		expect(answerOf([{ ...signed, thought: true }, { text: 'hi' }])).not.toHaveProperty('toolCalls');
	});

	it('keeps nothing when nothing is signed', () => {
		expect(answerOf([{ text: 'hi' }])).not.toHaveProperty('keepsake');
	});

	it('has IDs for calls that came without or with the same, the same in the same reply alone', () => {
		const call = { functionCall: { name: 'now' } };
		const body = (responseId: string) => ({
			candidates: [{ content: { parts: [call, call, signed, signed] }, finishReason: 'STOP' }],
			responseId,
		});
		const ids = (responseId: string) =>
			fromGeminiReply(body(responseId), current)?.toolCalls?.map(({ id }) => id) ?? [];
		expect(ids('one')).toEqual(ids('one'));
		expect(ids('one')[2]).toBe('abc');
		expect(new Set([...ids('one'), ...ids('two')]).size).toBe(7);
	});

	it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MALFORMED_RESPONSE'])(
		'is no answer when it ends with %s',
		(finishReason) => {
			expect(answerOf([signed], finishReason)).toMatchObject({ finishReason: 'other', finishDetail: finishReason });
		},
	);

	it('is cut, whatever it calls, when the output limit ends it', () => {
		expect(answerOf([signed], 'MAX_TOKENS').finishReason).toBe('length');
	});

	it.each(recordedReplies('gemini-generate').filter(({ body }) => body !== null))(
		'is read: $name',
		({ body, expect: wanted }) => {
			const answer = fromGeminiReply(body, current);
			if ('fails' in wanted) {
				expect(answer === undefined || answer.finishReason === 'other' || answer.text === '').toBe(true);
				return;
			}
			expect(answer?.text).toBe(wanted.text);
			expect(answer?.finishReason).toBe(wanted.finish);
			const calls = (answer?.toolCalls ?? []).map((call) => [call.name, JSON.parse(call.argumentsText) as unknown]);
			expect(calls).toEqual(wanted.calls.map(({ name, args }) => [name, args]));
			if (wanted.keepsake) expect(answer?.keepsake).toBeDefined();
		},
	);
});

it.each([
	['gemini-3.8-flash', true],
	['gemini-10-pro', true],
	['models/gemini-4-argon', true],
	['gemini-flash-latest', true],
	['gemini-2.5-pro', false],
	['gemma-4-31b', false],
	['tunedModels/mine-3', false],
])('%s is of Gemini 3 or later: %j', (model, expected) => {
	expect(isGemini3OrLater(model)).toBe(expected);
});
