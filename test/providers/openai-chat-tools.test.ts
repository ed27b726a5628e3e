import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { ask, assistant, callOf, result, user, weather, type Asked } from './openai-conversation';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
beforeEach(() => server.answer(() => ({ text: 'Sunny.' })));
afterAll(async () => {
	await server.close();
});

/** The request must be one that OpenAI takes. */
async function sent(asked: Asked) {
	const { result: answer, ...asking } = await ask(server, asked);
	expect(asking.request.violations).toEqual([]);
	expect(answer).toMatchObject({ kind: 'completion', text: 'Sunny.' });
	return asking;
}

describe('tools', () => {
	it('are offered with their schemas, and not in strict mode', async () => {
		const { body } = await sent({ tools: [weather, { name: 'now', description: '', schema: { type: 'object' } }] });
		expect(body['tools']).toEqual([
			{
				type: 'function',
				function: { name: 'get_weather', description: 'The weather in a city', parameters: { ...weather.schema } },
			},
			{ type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
		]);
		expect(body).not.toHaveProperty('tool_choice');
		expect(body).not.toHaveProperty('response_format');
	});

	it.each([
		[{ kind: 'required' }, 'required'],
		[{ kind: 'none' }, 'none'],
		[
			{ kind: 'tool', name: 'get_weather' },
			{ type: 'function', function: { name: 'get_weather' } },
		],
	] as const)('are to be called as asked: %j', async (toolChoice, choice) => {
		expect((await sent({ tools: [weather], toolChoice })).body['tool_choice']).toEqual(choice);
	});

	it('leave no trace when there are none', async () => {
		const { body } = await sent({ toolChoice: { kind: 'none' } });
		expect(body).not.toHaveProperty('tools');
		expect(body).not.toHaveProperty('tool_choice');
	});

	it('with names OpenAI refuses get others, in history and choice too, and the caller sees none of it', async () => {
		const name = 'météo: now?';
		server.answer(({ body }) => {
			const [tool] = body['tools'] as ReadonlyArray<{ function: { name: string } }>;
			return { calls: [{ name: tool!.function.name, args: {} }] };
		});
		const asking = await ask(server, {
			messages: [user('q'), assistant('', callOf('a', 'Rome', name)), result('a', 'sun'), user('Again')],
			tools: [{ ...weather, name }],
			toolChoice: { kind: 'tool', name },
		});
		expect(asking.request.violations).toEqual([]);
		expect(asking.result).toMatchObject({ finishReason: 'tool_calls', toolCalls: [{ name, argumentsText: '{}' }] });
		expect(asking.messages[1]).toMatchObject({
			tool_calls: [{ function: { name: expect.stringMatching(/^m_t_o__now__[0-9a-f]{8}$/) } }],
		});
	});

	it('with a choice at the top of their schema say it in words', async () => {
		const schema = {
			anyOf: [
				{ type: 'object', required: ['a'] },
				{ type: 'object', required: ['b'] },
			],
		};
		const { body } = await sent({ tools: [{ name: 'pick', description: 'Picks.', schema }] });
		expect(body['tools']).toMatchObject([
			{
				function: {
					description: `Picks.\n\nIts arguments must match this JSON Schema:\n${JSON.stringify(schema)}`,
					parameters: { type: 'object', properties: {} },
				},
			},
		]);
		expect(JSON.stringify(body['tools'])).not.toContain('"anyOf"');
	});

	it('with lists of anything say that it is anything', async () => {
		const properties = {
			tags: { type: 'array' },
			rows: { type: ['array', 'null'] },
			pair: { type: 'array', prefixItems: [{ type: 'array' }] },
			type: { type: 'string', enum: ['array'], default: { type: 'array' } },
			names: { type: 'array', items: { type: 'string' } },
		};
		const { body } = await sent({ tools: [{ name: 't', description: '', schema: { type: 'object', properties } }] });
		expect(body).toHaveProperty('tools.0.function.parameters.properties', {
			tags: { type: 'array', items: {} },
			rows: { type: ['array', 'null'], items: {} },
			pair: { type: 'array', prefixItems: [{ type: 'array', items: {} }] },
			type: { type: 'string', enum: ['array'], default: { type: 'array' } },
			names: { type: 'array', items: { type: 'string' } },
		});
	});

	it('stand beside a format', async () => {
		const { body, messages } = await sent({ tools: [weather], output: { kind: 'json' } });
		expect(body['response_format']).toEqual({ type: 'json_object' });
		expect(messages[0]).toMatchObject({ content: expect.stringMatching(/When you call no tool.*JSON/) });
	});
});
