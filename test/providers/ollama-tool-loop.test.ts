import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type { Conversation, Message, Part } from '../../nodes/ResilientLlm/engine/conversation';
import type { Failure } from '../../nodes/ResilientLlm/engine/failure';
import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { createOllama } from '../../nodes/ResilientLlm/providers/ollama';
import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { foreign, loop, requestFor, result, user, weather } from './ollama-samples';

const never = new AbortController().signal;

describe('Ollama in a tool loop', () => {
	let server: StrictServer;
	beforeAll(async () => {
		server = await startStrictServer();
	});
	afterAll(async () => await server.close());

	async function ask(content: Partial<Conversation>): Promise<Completion | Failure> {
		return await createOllama({ apiKey: '', baseUrl: server.url, network: {} }).complete(requestFor(content), never);
	}
	const violations = () => server.requests.flatMap((request) => request.violations);

	it('calls two tools at once and answers from their results, with its thoughts at hand', async () => {
		const calls = [
			{ name: 'weather', args: { city: 'Rome' } },
			{ name: 'now', args: {} },
		];
		server.answer(({ body }) =>
			JSON.stringify(body).includes('"role":"tool"') ? { text: 'Sun in Rome.' } : { calls, reasoning: 'Two calls.' },
		);
		const first = (await ask({})) as Completion;
		expect(first).toMatchObject({ kind: 'completion', text: '', finishReason: 'tool_calls', keepsake: 'Two calls.' });
		const { toolCalls = [] } = first;
		expect(toolCalls.map(({ name, argumentsText }) => [name, argumentsText])).toEqual([
			['weather', '{"city":"Rome"}'],
			['now', '{}'],
		]);
		const turn: Message = {
			role: 'assistant',
			text: '',
			toolCalls,
			keepsake: { target: 'o', content: first.keepsake },
		};
		const results = toolCalls.map(({ id, name }) => result(id, name));
		expect(await ask({ messages: [user('q'), turn, ...results] })).toMatchObject({ text: 'Sun in Rome.' });
		const [, calling, ...answers] = at(server.requests[1]?.body, 'messages') as readonly object[];
		expect(calling).toMatchObject({ thinking: 'Two calls.', content: '' });
		expect(answers).toEqual(
			toolCalls.map(({ id, name }) => ({ role: 'tool', content: 'Sun', tool_name: name, tool_call_id: id })),
		);
		expect(violations()).toEqual([]);
	});

	it.each<readonly [string, readonly Message[]]>([
		['another vendor began', loop],
		['begins with an answer', [{ role: 'assistant', text: 'Hello', toolCalls: [] }, user('q')]],
		['begins with a call', loop.slice(1)],
		['begins with a result', loop.slice(2)],
		['lacks a result', [...loop.slice(0, 2), user('And?')]],
		['holds nothing', []],
	])('a history that %s is taken', async (_case, messages) => {
		server.answer(() => ({ text: 'Fine.' }));
		expect(await ask({ messages })).toMatchObject({ text: 'Fine.' });
		expect(violations()).toEqual([]);
	});

	it('finds its way back from a name that had to be changed', async () => {
		server.answer(({ body }) => ({ calls: [{ name: String(at(body, 'tools', 0, 'function', 'name')), args: {} }] }));
		const name = 'das wetter';
		const answer = await ask({ tools: [{ ...weather, name }], toolChoice: { kind: 'tool', name } });
		expect(answer).toMatchObject({ toolCalls: [{ name }] });
		const [system] = at(server.requests[0]?.body, 'messages') as readonly { content: string }[];
		expect(system?.content).toMatch(/a call of the tool das_wetter_[0-9a-f]{8},/);
	});

	it('leaves a model that takes no tools to the next one, and does not ask it again', async () => {
		const error = 'registry.ollama.ai/library/qwen4:latest does not support tools';
		server.answer(() => ({ status: 400, body: { error } }));
		const failure = await ask({});
		expect(failure).toMatchObject({ reason: 'unsupported_parameter', retryAdvice: 'no_retry' });
		expect(failure).not.toHaveProperty('parameter');
		expect((failure as Failure).message).toContain('"qwen4" takes no tools');
	});

	it('says so when a file in a result is none that it takes', async () => {
		server.answer(() => ({ text: 'Fine.' }));
		const pdf: Part = { kind: 'pdf', mimeType: 'application/pdf', base64: 'QUJDRA==', fileName: 'a.pdf' };
		const messages = [...loop.slice(0, 2), result('toolu_01', 'weather', [pdf])];
		expect(await ask({ messages })).toMatchObject({ reason: 'invalid_request', message: /no PDF/ });
		expect(server.requests).toHaveLength(0);
	});

	const counting = (input: number) => () => ({ text: 'Fine.', usage: { input, output: 5 } });
	const many = (words: number) => 'word '.repeat(words);

	it('takes an answer for half an answer when the conversation has more words than were read', async () => {
		const messages = [user(many(500)), foreign, result('toolu_01', 'weather', [{ kind: 'text', text: many(500) }])];
		server.answer(counting(900));
		expect(await ask({ messages })).toMatchObject({ reason: 'context_too_long' });
		server.answer(counting(1010));
		expect(await ask({ messages })).toMatchObject({ kind: 'completion' });
	});

	it('does not count as words what some templates leave out', async () => {
		const messages = [
			user('q'),
			{ ...foreign, text: many(500) },
			result('toolu_01', 'weather'),
			result('call_2', 'now'),
		];
		const tools = [{ ...weather, description: many(500) }];
		server.answer(counting(60));
		expect(await ask({ messages, tools })).toMatchObject({ kind: 'completion' });
	});

	it('counts tools and what was said beside calls where the count is just what a cut leaves', async () => {
		server.answer(counting(2049));
		const text = '({[;]}) '.repeat(2000);
		expect(await ask({ tools: [{ ...weather, description: text }] })).toMatchObject({ reason: 'context_too_long' });
		expect(await ask({ messages: [user('q'), { ...foreign, text }] })).toMatchObject({ reason: 'context_too_long' });
		server.answer(counting(2060));
		expect(await ask({ tools: [{ ...weather, description: text }] })).toMatchObject({ kind: 'completion' });
	});
});
