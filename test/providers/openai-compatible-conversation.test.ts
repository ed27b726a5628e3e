import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { conversationOf, type Message } from '../../nodes/ResilientLlm/engine/conversation';
import { toChatCall } from '../../nodes/ResilientLlm/providers/openai/request';
import { dialectOf } from '../../nodes/ResilientLlm/providers/openai-compatible';
import { dialects } from '../vendor-rules/openai-compatible';
import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { ask, assistant, callOf, image, result, turnOf, user, weather, type Asked } from './openai-conversation';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
beforeEach(() => server.answer(() => ({ text: 'Sunny.' })));
afterAll(async () => {
	await server.close();
});

/** Models by the names under which each server has them. */
const models: Readonly<Record<string, string>> = { deepseek: 'deepseek-v4', deepseekR1: 'deepseek-r1' };
const all = Object.keys(dialects);

async function sent(asked: Asked, dialect: string) {
	const settings = { model: models[dialect] ?? 'my-model' };
	const asking = await ask(server, { settings, ...asked }, dialect);
	expect(asking.request.violations).toEqual([]);
	return asking;
}

const failed: Message = { role: 'tool', callId: 'b', name: 'get_weather', parts: [], isError: true };
const broken = { ...callOf('a'), argumentsText: '{"city":' };
const histories: Readonly<Record<string, readonly Message[]>> = {
	'of words': [user('q'), assistant('a'), user('r')],
	'with one call': [user('q'), assistant('', callOf('call_00_abc')), result('call_00_abc', 'sun')],
	'with two calls, one failed': [user('q'), assistant('x', callOf('a'), callOf('b')), result('a', 'sun'), failed],
	'with an image from a tool': [user('q'), assistant('', callOf('a')), result('a', image)],
	'with a question after a tool': [user('q'), assistant('', callOf('a')), result('a', 'sun'), user('And?')],
	'with a bad call': [user('q'), assistant('', broken), result('a', 'Not run.'), user('Again, and well.')],
	'without a beginning': [assistant('Hello'), user('q')],
	'that ends with the model': [user('q'), assistant('Hello')],
	'that ends in the middle of a call': [user('q'), assistant('', callOf('a'))],
	'with two rounds under one ID': [
		user('q'),
		...[1, 2].flatMap(() => [assistant('', callOf('call_0')), result('call_0', 'sun')]),
	],
};

describe.each(all)('a history on %s', (dialect) => {
	it.each(Object.keys(histories))('%s is taken, with tools and without', async (name) => {
		const messages: readonly Message[] = [{ role: 'system', text: 'Be brief.' }, ...histories[name]!];
		for (const tools of [[], [weather]]) {
			const { result: answer } = await sent({ messages, tools }, dialect);
			expect(answer).toMatchObject({ kind: 'completion', text: 'Sunny.' });
		}
	});

	it('with JSON wanted is taken, beside tools in words', async () => {
		const output = { kind: 'jsonSchema', schema: { type: 'object', properties: { sky: {} } } } as const;
		const beside = await sent({ tools: [weather], output }, dialect);
		expect(beside.body).not.toHaveProperty('response_format');
		expect(beside.messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('"sky"') });
		expect((await sent({ output }, dialect)).body).toHaveProperty('response_format.type', 'json_schema');
	});

	it.each([{ kind: 'required' }, { kind: 'none' }, { kind: 'tool', name: 'get_weather' }] as const)(
		'may be asked for a call: %j',
		async (toolChoice) => {
			await sent({ tools: [weather], toolChoice }, dialect);
		},
	);

	it('is continued with what the server itself answered', async () => {
		server.answer(({ body }) => {
			const messages = body['messages'] as ReadonlyArray<{ role: string }>;
			const city = messages.length === 1 ? 'Rome' : 'Oslo';
			return messages.length > 6 ? { text: 'Done.' } : { calls: [{ name: 'get_weather', args: { city } }] };
		});
		const messages: Message[] = [user('q')];
		for (let turn = 0; turn < 4; turn += 1) {
			const { result: answer } = await sent({ messages, tools: [weather] }, dialect);
			if (answer.kind === 'completion' && answer.text === 'Done.') return;
			const said = turnOf(answer);
			messages.push(said);
			if (said.role === 'assistant') messages.push(...said.toolCalls.map(({ id }) => result(id, 'sun')));
		}
		throw new Error('It never came to an end');
	});
});

describe('what a server sees', () => {
	it('is a content for every message, and an assistant between a tool and the user', async () => {
		const { messages } = await sent({ messages: histories['with an image from a tool']! }, 'mistral');
		expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
		expect(messages[1]).toMatchObject({ content: '' });
	});

	it("keeps Mistral's own IDs", async () => {
		const { messages } = await sent(
			{ messages: [user('q'), assistant('', callOf('RomeCall1')), result('RomeCall1', 'sun')] },
			'mistral',
		);
		expect(messages[2]).toMatchObject({ tool_call_id: 'RomeCall1' });
	});
});

describe('reasoning', () => {
	const kept = {
		reasoning: 'I need the tool.',
		details: [{ type: 'reasoning.text', text: 'hm', signature: 's' }],
		extras: [{ google: { thought_signature: 's' } }, null],
	};
	const turn: Message = {
		role: 'assistant',
		text: '',
		toolCalls: [callOf('a'), callOf('b')],
		keepsake: { target: 'same', content: kept },
	};
	const results = [result('a', 'sun'), result('b', 'snow')];

	it('goes back to the server it came from', async () => {
		const { messages } = await sent({ messages: [user('q'), turn, ...results] }, 'plain');
		expect(messages[1]).toMatchObject({ reasoning_content: kept.reasoning, reasoning_details: kept.details });
		const [first, second] = messages[1]?.['tool_calls'] as readonly object[];
		expect(first).toHaveProperty('extra_content', kept.extras[0]);
		expect(second).not.toHaveProperty('extra_content');
	});

	it('of calls that are others by now stays away from them', async () => {
		const { messages } = await sent(
			{ messages: [user('q'), { ...turn, toolCalls: [callOf('a')] }, result('a', 'sun')] },
			'plain',
		);
		expect(JSON.stringify(messages[1])).not.toContain('extra_content');
	});

	it('is not made up for servers that want none', async () => {
		const { messages } = await sent({ messages: histories['with one call']! }, 'groq');
		expect(Object.keys(messages[1] ?? {})).toEqual(['role', 'content', 'tool_calls']);
	});

	it('of its own goes before what stands for that of others', async () => {
		const { messages } = await sent({ messages: [user('q'), turn, ...results] }, 'deepseek');
		expect(messages[1]).toMatchObject({ reasoning_content: kept.reasoning });
	});

	it.each([
		['https://api.deepseek.com', 'next', true],
		['https://api.moonshot.ai/v1', 'next', true],
		['https://llm.example.com/v1', 'deepseek-chat', true],
		['https://llm.example.com/v1', 'kimi-k2.5', true],
		['https://llm.example.com/v1', 'deepseek-r1-distill-llama-70b', false],
		['https://llm.example.com/v1', 'moonshotai/kimi-k2', false],
		['https://notdeepseek.com/v1', 'next', false],
	])('beside foreign calls is wanted by %s for %s: %s', (baseUrl, model, isWanted) => {
		const content = {
			...conversationOf({ prompt: 'q', systemMessage: '', attachments: [], output: { kind: 'text' } }),
			messages: histories['with one call']!,
		};
		const settings = { model, maxOutputTokens: 100 };
		const { body } = toChatCall({ content, settings, dropped: [] }, dialectOf(baseUrl, model));
		expect('reasoning_content' in body.messages[1]!).toBe(isWanted);
	});
});

describe('a reply', () => {
	it('of a server that refused what its model wrote is a bad answer', async () => {
		const error = { message: 'Failed to call a function.', code: 'tool_use_failed', failed_generation: '<x>' };
		server.answer(() => ({ status: 400, body: { error } }));
		const { result: answer } = await ask(server, { tools: [weather] }, 'groq');
		expect(answer).toMatchObject({ kind: 'failure', reason: 'invalid_output', httpStatus: 400 });
	});

	it('may have a status of its own that means nothing', async () => {
		const choices = [{ message: { content: 'ok' }, finish_reason: 'stop' }];
		server.answer(() => ({ status: 200, body: { object: 'chat.completion', status: 'failed', choices } }));
		expect((await ask(server, {}, 'plain')).result).toMatchObject({ kind: 'completion', text: 'ok' });
	});
});
