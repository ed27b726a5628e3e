import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { forwardTo, startStrictServer, type StrictServer } from './strict-server';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
afterAll(async () => await server.close());

async function post(path: string, body: object): Promise<{ status: number; json: unknown }> {
	const response = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
	return { status: response.status, json: await response.json() };
}

describe('replies that were cut, refused, or are not scripted', () => {
	it.each([
		[
			'/v1/messages',
			{ model: 'claude-opus-5-5', max_tokens: 9 },
			'messages',
			/"stop_reason":"refusal"/,
			/"stop_reason":"max_tokens"/,
		],
		['/v1/chat/completions', { model: 'gpt-6-luna' }, 'messages', /"refusal":"/, /"finish_reason":"length"/],
		['/v1/responses', { model: 'gpt-6-luna' }, 'input', /"type":"refusal"/, /"reason":"max_output_tokens"/],
		['/api/chat', { model: 'qwen3.8' }, 'messages', /"done":true/, /"done_reason":"length"/],
	] as const)('%s', async (path, body, field, refused, cut) => {
		const headers = { 'anthropic-version': '2026-10-21' };
		const ask = async () =>
			await (
				await fetch(server.url + path, {
					method: 'POST',
					headers,
					body: JSON.stringify({ ...body, stream: false, [field]: [{ role: 'user', content: 'Hi' }] }),
				})
			).text();
		server.answer(() => ({ finish: 'refusal' }));
		expect(await ask()).toMatch(refused);
		server.answer(() => ({ text: 'And then', finish: 'length' }));
		expect(await ask()).toMatch(cut);
		server.answer(() => ({ status: 529, body: { type: 'error' } }));
		expect(await ask()).toBe('{"type":"error"}');
	});

	it('Gemini says that it blocked an answer', async () => {
		server.answer(() => ({ finish: 'refusal' }));
		const { json } = await post('/v1beta/models/gemini-3.8-flash:generateContent', {
			contents: [{ parts: [{ text: 'Hi' }] }],
		});
		expect(json).toMatchObject({ candidates: [{ finishReason: 'SAFETY' }] });
	});

	it('what is no JSON breaks the rules, and an unknown path is not found', async () => {
		const response = await fetch(`${server.url}/v1/messages`, { method: 'POST', body: '{"model":' });
		expect(response.status).toBe(400);
		expect((await post('/v2/chat', {})).status).toBe(404);
	});

	it('a script that fails is told to the client', async () => {
		server.answer(() => {
			throw new Error('Not expected here');
		});
		const { status, json } = await post('/api/chat', { model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
		expect([status, JSON.stringify(json)]).toEqual([500, expect.stringContaining('Not expected here')]);
	});
});

describe('in front of aimock', () => {
	const mock = new LLMock({ port: 0 });
	mock.onMessage('Weather?', { content: 'It is sunny.' });
	beforeAll(async () => await mock.start());
	afterAll(async () => await mock.stop());

	it('lets aimock answer what broke no rule, whole and streamed, and nothing else', async () => {
		server.answer(forwardTo(mock.url));
		const good = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'Weather?' }] };
		expect((await post('/v1/chat/completions', good)).json).toMatchObject({
			choices: [{ message: { content: 'It is sunny.' } }],
		});
		const init = { method: 'POST', body: JSON.stringify({ ...good, stream: true }) };
		const streamed = await fetch(`${server.url}/v1/chat/completions`, init);
		expect(await streamed.text()).toMatch(/data: \{.*\n\n[^]*data: \[DONE\]/);
		const bad = { ...good, messages: [{ role: 'tool', tool_call_id: 'call_1', content: 'Sun' }] };
		expect((await post('/v1/chat/completions', bad)).status).toBe(400);
		expect(mock.journal.size).toBe(2);
	});
});
