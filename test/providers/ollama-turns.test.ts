import { describe, expect, it } from 'vitest';

import type { Conversation } from '../../nodes/ResilientLlm/engine/conversation';
import { fromOllamaReply } from '../../nodes/ResilientLlm/providers/ollama/reply';
import { toOllamaRequest } from '../../nodes/ResilientLlm/providers/ollama/request';
import { recordedReplies } from '../vendor-rules/replies';
import { foreign, image, loop, now, requestFor, result, user, weather } from './ollama-samples';

describe('what Ollama is sent', () => {
	const sent = (content: Partial<Conversation>) => toOllamaRequest(requestFor(content));

	it('holds tools, calls with arguments that are objects, and results under name and ID', () => {
		expect(sent({ messages: loop })).toEqual({
			model: 'qwen4',
			messages: [
				{ role: 'user', content: 'Weather?' },
				{
					role: 'assistant',
					content: 'Let me look.',
					tool_calls: [
						{ id: 'toolu_01', function: { name: 'weather', arguments: { city: 'Rome' } } },
						{ id: 'call_2', function: { name: 'now', arguments: {} } },
					],
				},
				{ role: 'tool', content: 'Sun', tool_name: 'weather', tool_call_id: 'toolu_01' },
				{ role: 'tool', content: 'Sun', tool_name: 'now', tool_call_id: 'call_2' },
			],
			tools: [
				{
					type: 'function',
					function: { name: 'weather', description: 'Weather of a city', parameters: weather.schema },
				},
				{
					type: 'function',
					function: { name: 'now', description: '', parameters: { type: 'object', properties: {} } },
				},
			],
			stream: false,
			truncate: false,
			shift: false,
			options: { num_predict: 64 },
		});
	});

	it('names a tool in calls and results as it is offered', () => {
		const name = 'das wetter';
		const calling = { ...foreign, toolCalls: [{ id: 'a', name, argumentsText: '{}' }] };
		const request = sent({ messages: [user('q'), calling, result('a', name)], tools: [{ ...weather, name }] });
		const offered = request.tools?.[0]?.function.name;
		expect(offered).toMatch(/^das_wetter_/);
		expect(request.messages[1]?.tool_calls?.[0]?.function.name).toBe(offered);
		expect(request.messages[2]?.tool_name).toBe(offered);
	});

	it('holds images after all results, in what the user says', () => {
		const messages = [
			...loop.slice(0, 2),
			result('toolu_01', 'weather', [image]),
			{ ...result('call_2', 'now'), isError: true },
		];
		expect(sent({ messages }).messages.slice(2)).toEqual([
			{ role: 'tool', content: '', tool_name: 'weather', tool_call_id: 'toolu_01' },
			{ role: 'tool', content: 'Error: Sun', tool_name: 'now', tool_call_id: 'call_2' },
			{ role: 'user', content: 'Images in the result of weather:', images: ['QUJDRA=='] },
		]);
	});

	it('offers what may be called, and asks in words for what must', () => {
		const offer = (toolChoice: Conversation['toolChoice']) => {
			const { tools, messages } = sent({ toolChoice });
			return [tools?.map((tool) => tool.function.name), messages.find(({ role }) => role === 'system')?.content];
		};
		expect(sent({ tools: [weather, now, weather] }).tools).toHaveLength(2);
		expect(offer({ kind: 'auto' })).toEqual([['weather', 'now'], undefined]);
		expect(offer({ kind: 'none' })).toEqual([undefined, undefined]);
		expect(offer({ kind: 'required' })).toEqual([['weather', 'now'], expect.stringContaining('one of your tools')]);
		expect(offer({ kind: 'tool', name: 'now' })).toEqual([['now'], expect.stringContaining('the tool now,')]);
	});

	it('asks for JSON by grammar where no tool can be called, and otherwise in words alone', () => {
		const beside = sent({ output: { kind: 'json' } });
		expect(beside).not.toHaveProperty('format');
		expect(beside.messages[0]?.content).toMatch(/^When you call no tool, .*JSON/);
		for (const without of [{ tools: [] }, { toolChoice: { kind: 'none' } }] as const) {
			const request = sent({ output: { kind: 'json' }, ...without });
			expect(request.format).toBe('json');
			expect(request.messages[0]?.content).toMatch(/^Answer with one valid JSON value/);
		}
	});

	it('holds no schema that is not an object, which Ollama could not read', () => {
		const schema = {
			$schema: 'http://json-schema.org/draft-07/schema#',
			properties: { any: true, deep: { anyOf: [false, { properties: { more: true } }], items: { anyOf: [true] } } },
			$defs: { one: true, two: { type: 7, description: {}, enum: 'a', required: true, items: true, maximum: 3 } },
			required: ['any'],
		};
		expect(sent({ tools: [{ ...now, schema }] }).tools?.[0]?.function.parameters).toEqual({
			type: 'object',
			required: ['any'],
			$defs: { one: {}, two: { maximum: 3 } },
			properties: { any: {}, deep: { anyOf: [{}, { properties: { more: {} } }], items: { anyOf: [{}] } } },
		});
	});

	it('holds no half characters', () => {
		expect(JSON.stringify(sent({ messages: [user('a\uD83D'), { ...foreign, text: 'b\uD83D' }] }))).not.toMatch(
			/\\ud83d/i,
		);
	});
});

describe('what Ollama wrote', () => {
	const answerOf = (calls: unknown, more: object = {}) =>
		fromOllamaReply({ message: { tool_calls: calls }, done: true, done_reason: 'stop', ...more }, 'm', 4096);
	const call = { function: { name: 'now', arguments: { a: 1 } } };

	it('has IDs for calls that came without or with the same, the same in the same reply alone', () => {
		const given = { ...call, id: 'call_1' };
		const ids = (created_at: string) =>
			answerOf([call, call, given, given], { created_at })?.toolCalls?.map(({ id }) => id) ?? [];
		expect(ids('one')).toEqual(ids('one'));
		expect(ids('one')[2]).toBe('call_1');
		expect(new Set([...ids('one'), ...ids('two')]).size).toBe(7);
	});

	it('is cut, whatever it calls, when a limit ends it', () => {
		expect(answerOf([call], { done_reason: 'length' })?.finishReason).toBe('length');
	});

	it.each([undefined, [], 'x', [null, 'x']])('is no answer when it says nothing and calls %j', (calls) => {
		expect(answerOf(calls)).toBeUndefined();
	});

	it('keeps no thoughts that nobody will need', () => {
		expect(answerOf([], { message: { content: 'hi', thinking: 'hm' } })).not.toHaveProperty('keepsake');
		expect(answerOf([call])).not.toHaveProperty('keepsake');
	});

	it.each(recordedReplies('ollama-chat').filter(({ body }) => body !== null))(
		'is read: $name',
		({ body, expect: wanted }) => {
			const answer = fromOllamaReply(body, 'm');
			if ('fails' in wanted) {
				expect(answer === undefined || answer.finishReason === 'other' || answer.text === '').toBe(true);
				return;
			}
			expect([answer?.text, answer?.finishReason]).toEqual([wanted.text, wanted.finish]);
			const calls = (answer?.toolCalls ?? []).map((made) => [made.name, JSON.parse(made.argumentsText) as unknown]);
			expect(calls).toEqual(wanted.calls.map(({ name, args }) => [name, args]));
		},
	);
});
