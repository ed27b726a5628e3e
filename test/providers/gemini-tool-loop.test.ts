import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type { Message } from '../../nodes/ResilientLlm/engine/conversation';
import type { CompletionRequest } from '../../nodes/ResilientLlm/engine/request';
import { createGemini } from '../../nodes/ResilientLlm/providers/gemini';
import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import {
	current,
	foreign,
	loop,
	now,
	older,
	own,
	requestFor,
	result,
	sentParts,
	user,
	weather,
} from './gemini-samples';

const never = new AbortController().signal;

describe('Gemini in a tool loop', () => {
	let server: StrictServer;
	beforeAll(async () => {
		server = await startStrictServer();
	});
	afterAll(async () => await server.close());

	async function ask(request: CompletionRequest): Promise<Completion> {
		const answer = await createGemini({ apiKey: 'key', baseUrl: server.url, network: {} }).complete(request, never);
		if (answer.kind === 'failure') throw new Error(answer.message);
		return answer;
	}
	const violations = () => server.requests.flatMap((request) => request.violations);

	it.each([current, older])('%s calls two tools at once and answers from their results', async (model) => {
		server.answer(({ body }) =>
			JSON.stringify(body).includes('functionResponse')
				? { text: 'Sun in Rome.' }
				: {
						text: 'Let me look.',
						calls: [
							{ name: 'weather', args: { city: 'Rome' } },
							{ name: 'now', args: {} },
						],
						reasoning: 'Two calls.',
					},
		);
		const first = await ask(requestFor({}, model));
		expect(first).toMatchObject({
			text: 'Let me look.',
			finishReason: 'tool_calls',
			toolCalls: [
				{ name: 'weather', argumentsText: '{"city":"Rome"}' },
				{ name: 'now', argumentsText: '{}' },
			],
		});
		expect(first).not.toHaveProperty('finishDetail');
		const [one, two] = first.toolCalls!;
		expect(new Set([one!.id, two!.id]).size).toBe(2);

		const messages = [user('q'), own(first), result(one!.id, 'weather'), result(two!.id, 'now', { isError: true })];
		const second = await ask(requestFor({ messages }, model));
		expect(second).toMatchObject({ text: 'Sun in Rome.', finishReason: 'stop' });
		const third = await ask(requestFor({ messages: [...messages, own(second), user('Thanks')] }, model));
		expect(third.text).toBe('Sun in Rome.');
		expect(violations()).toEqual([]);
	});

	it.each([current, older])('%s goes on with what another vendor began', async (model) => {
		server.answer(() => ({ text: 'Sun.' }));
		await ask(requestFor({ messages: loop }, model));
		await ask(
			requestFor({ messages: [...loop, { role: 'assistant', text: 'Sun.', toolCalls: [] }, user('And?')] }, model),
		);
		expect(violations()).toEqual([]);
	});

	it.each([
		['begins with an answer', [{ role: 'assistant', text: 'Hello', toolCalls: [] }, user('q')]],
		['begins with a call', [foreign, result('toolu_01|x', 'weather'), result('call_2', 'now')]],
		['begins with a result', [result('lost', 'weather'), user('q')]],
		['ends with an answer', [user('q'), { role: 'assistant', text: 'Hello', toolCalls: [] }]],
		['lacks a result', [user('q'), foreign, result('call_2', 'now'), user('And?')]],
		['holds nothing', []],
	] satisfies ReadonlyArray<readonly [string, Message[]]>)('a history that %s is taken', async (_case, messages) => {
		server.answer(() => ({ text: 'Fine.' }));
		for (const model of [current, older]) expect((await ask(requestFor({ messages }, model))).text).toBe('Fine.');
		expect(violations()).toEqual([]);
	});

	it.each([
		[{ kind: 'auto' }, { mode: 'AUTO' }],
		[{ kind: 'none' }, { mode: 'NONE' }],
		[{ kind: 'required' }, { mode: 'ANY' }],
		[
			{ kind: 'tool', name: 'now' },
			{ mode: 'ANY', allowedFunctionNames: ['now'] },
		],
	] as const)('the tool choice %j is %j', async (toolChoice, functionCallingConfig) => {
		server.answer(() => ({ text: 'Fine.' }));
		await ask(requestFor({ toolChoice }));
		expect(server.requests[0]?.body['toolConfig']).toEqual({ functionCallingConfig });
		await ask(requestFor({ toolChoice, tools: [] }));
		expect(server.requests[1]?.body).not.toHaveProperty('toolConfig');
	});

	it('finds its way back from a name that had to be changed', async () => {
		const tools = [{ ...weather, name: '3d wetter' }, { ...weather, name: '3d_wetter' }, now];
		server.answer(({ body }) =>
			JSON.stringify(body).includes('functionResponse')
				? { text: 'Sun.' }
				: {
						calls: [{ name: String(at(body, 'tools', 0, 'functionDeclarations', 0, 'name')), args: { city: 'Rome' } }],
					},
		);
		const first = await ask(requestFor({ tools, toolChoice: { kind: 'tool', name: '3d wetter' } }));
		expect(first.toolCalls).toMatchObject([{ name: '3d wetter' }]);
		const messages = [user('q'), own(first), result(first.toolCalls![0]!.id, '3d wetter')];
		expect((await ask(requestFor({ tools, messages }))).text).toBe('Sun.');
		expect(sentParts({ tools, messages })[1]).toEqual(first.keepsake);
		expect(violations()).toEqual([]);
	});

	it('asks for JSON beside tools in words where the model refuses the mode', async () => {
		server.answer(() => ({ text: '{}' }));
		await ask(requestFor({ output: { kind: 'json' } }, older));
		await ask(requestFor({ output: { kind: 'json' } }));
		await ask(requestFor({ output: { kind: 'json' }, tools: [] }, older));
		const [inWords, byMode, withoutTools] = server.requests.map(({ body }) => body);
		expect(inWords).toMatchObject({
			systemInstruction: { parts: [{ text: expect.stringMatching(/^When you call no tool, .*JSON/) as string }] },
			generationConfig: { maxOutputTokens: 64 },
		});
		for (const body of [byMode, withoutTools]) {
			expect(body).toMatchObject({ generationConfig: { responseMimeType: 'application/json' } });
			expect(body).not.toHaveProperty('systemInstruction');
		}
	});

	it('does not take what is said of a parameter of a tool for a word about its own', async () => {
		const place = 'tools[0].function_declarations[0].parameters_json_schema.properties[temperature]';
		const message = `Invalid value at '${place}'`;
		server.answer(() => ({ status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } }));
		const gemini = createGemini({ apiKey: 'key', baseUrl: server.url, network: {} });
		expect(await gemini.complete(requestFor({}), never)).toMatchObject({ reason: 'invalid_request' });
	});
});
