import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startStrictServer, type StrictServer } from './strict-server';

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
});
