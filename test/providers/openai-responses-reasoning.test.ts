import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Message } from '../../nodes/ResilientLlm/engine/conversation';
import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { ask, assistant, callOf, result, turnOf, user, weather, type Asked } from './openai-conversation';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
beforeEach(() => server.answer(() => ({ text: 'Sunny.' })));
afterAll(async () => {
	await server.close();
});

const newest = { model: 'gpt-6-luna' } as const;

/** The request must be one that OpenAI takes. */
async function sent(asked: Asked) {
	const asking = await ask(server, { tools: [weather], ...asked, settings: { ...newest, ...asked.settings } });
	expect(asking.request.violations).toEqual([]);
	return asking;
}

describe('reasoning', () => {
	/** Asks for a call, and gives back the history with its result. */
	async function afterOneCall(text = ''): Promise<{ readonly messages: readonly Message[]; readonly turn: Message }> {
		server.answer(() => ({ text, reasoning: 'hm', calls: [{ name: 'get_weather', args: { city: 'Rome' } }] }));
		const asking = await sent({});
		const turn = turnOf(asking.result);
		if (turn.role !== 'assistant') throw new Error('no turn');
		return { messages: [user('q'), turn, ...turn.toolCalls.map(({ id }) => result(id, 'sun'))], turn };
	}

	it.each(['', 'Let me look.'])('goes back before what it led to, as it came: %j', async (text) => {
		const { messages, turn } = await afterOneCall(text);
		const { input } = await sent({ messages });
		const kept = turn.role === 'assistant' ? (turn.keepsake?.content as { items: readonly object[] }) : undefined;
		expect(input[1]).toEqual(kept?.items[0]);
		expect(input[1]).toMatchObject({ type: 'reasoning', encrypted_content: expect.any(String), summary: [] });
		if (text !== '') expect(input[2]).toEqual(kept?.items[1]);
		expect(input.at(-2)).toEqual({
			type: 'function_call',
			call_id: turn.role === 'assistant' ? turn.toolCalls[0]?.id : '',
			name: 'get_weather',
			arguments: '{"city":"Rome"}',
		});
	});

	it.each([
		['another text', { text: 'Something else' }],
		['other calls', { toolCalls: [callOf('b')] }],
		['one more call', { toolCalls: [callOf('a'), callOf('b')] }],
	])('stays away where the history holds %s by now', async (_, change) => {
		const { turn } = await afterOneCall('Let me look.');
		const changed = { ...turn, ...change } as Extract<Message, { role: 'assistant' }>;
		const { input } = await sent({
			messages: [user('q'), changed, ...changed.toolCalls.map(({ id }) => result(id, 'sun'))],
		});
		expect(input.map(({ type }) => type)).not.toContain('reasoning');
		expect(JSON.stringify(input)).not.toContain('reasoned');
	});

	it('keeps its place when only arguments were added to, as agents do', async () => {
		const { turn } = await afterOneCall();
		if (turn.role !== 'assistant') throw new Error('no turn');
		const [call] = turn.toolCalls;
		const changed = { ...turn, toolCalls: [{ ...call!, argumentsText: '{"city":"Rome","id":"1"}' }] };
		const { input } = await sent({ messages: [user('q'), changed, result(call!.id, 'sun')] });
		expect(input.map(({ type }) => type)).toEqual([undefined, 'reasoning', 'function_call', 'function_call_output']);
		expect(input[2]).toMatchObject({ arguments: '{"city":"Rome","id":"1"}' });
	});

	it('is not looked for in what some other API kept', async () => {
		for (const content of [{ reasoning: 'hm', extras: [] }, { items: [{ type: 'web_search_call' }] }, 7, null]) {
			const turn: Message = { ...assistant('', callOf('a')), keepsake: { target: 'same', content } } as Message;
			const { input } = await sent({ messages: [user('q'), turn, result('a', 'sun')] });
			expect(input[1]).toMatchObject({ type: 'function_call', call_id: 'a' });
		}
	});

	it('lasts through a loop of several turns', async () => {
		server.answer(({ body }) =>
			(body['input'] as readonly unknown[]).length > 8
				? { text: 'Done.', reasoning: 'hm' }
				: { reasoning: 'hm', calls: ['Rome', 'Oslo'].map((city) => ({ name: 'get_weather', args: { city } })) },
		);
		const messages: Message[] = [user('q')];
		for (let turn = 0; turn < 4; turn += 1) {
			const { result: answer, input } = await sent({ messages });
			expect(input.filter(({ type }) => type === 'reasoning')).toHaveLength(turn);
			const said = turnOf(answer);
			messages.push(said);
			if (said.role !== 'assistant' || said.text === 'Done.') return;
			messages.push(...said.toolCalls.map(({ id }) => result(id, 'sun')));
		}
		throw new Error('It never came to an end');
	});
});
