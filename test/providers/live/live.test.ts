import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { conversationOf } from '../../../nodes/ResilientLlm/engine/conversation';
import type { CompletionRequest } from '../../../nodes/ResilientLlm/engine/request';
import { createOpenAiCompatible } from '../../../nodes/ResilientLlm/providers/openai-compatible';
import { startStrictServer, type StrictServer } from '../../vendor-rules/strict-server';
import { liveVendors } from './live-vendors';

let server: StrictServer;
beforeAll(async () => (server = await startStrictServer()));
afterAll(async () => await server.close());

const never = new AbortController().signal;
const tool = {
	name: 'calculator',
	description: 'Calculates',
	schema: { type: 'object', properties: { input: { type: 'string' } } },
};
const question = conversationOf({
	prompt: 'What is 6*7?',
	systemMessage: 'Be brief.',
	attachments: [],
	output: { kind: 'text' },
});
const calls = [
	{ name: 'calculator', args: { input: '6*7' } },
	{ name: 'calculator', args: { input: '7*8' } },
];

describe.each(liveVendors)('$name', ({ model, create }) => {
	async function ask(more: Partial<CompletionRequest> = {}) {
		const provider = create(server.url);
		const request = {
			content: { ...question, tools: [tool] },
			settings: { model, maxOutputTokens: 1000 },
			dropped: [],
			...more,
		};
		return await provider.complete(request, never);
	}

	it.each([
		['a text', { text: 'The result is forty-two, which is quite a number.' }],
		['two calls of tools', { calls }],
		['a text and a call', { text: 'Let me see.', calls: calls.slice(0, 1) }],
	])('reads %s along to the same end as when it comes whole', async (_, script) => {
		server.answer(() => script);
		const whole = await ask();
		const heard: string[] = [];
		const live = await ask({ live: (text) => heard.push(text) });
		expect(
			server.requests.map(({ streams, violations }) => [
				streams,
				violations.filter(({ severity }) => severity === 'refused'),
			]),
		).toEqual([
			[false, []],
			[true, []],
		]);
		expect(whole).toMatchObject({ kind: 'completion' });
		expect(withoutIds(live)).toEqual(withoutIds(whole));
		expect(heard.join('')).toBe('text' in script ? script.text : '');
	});

	it('reads an error instead of a stream as the error it is, and says nothing', async () => {
		const heard: string[] = [];
		server.answer(() => ({ status: 529, body: { error: { type: 'overloaded_error', message: 'Overloaded' } } }));
		const live = await ask({ live: (text) => heard.push(text) });
		expect([live, heard]).toMatchObject([{ kind: 'failure', httpStatus: 529 }, []]);
	});
});

it('Mistral counts tokens in streams unasked, and refuses to be asked', async () => {
	server.answer(() => ({ text: 'Hello' }));
	const provider = createOpenAiCompatible({ apiKey: 'key', baseUrl: `${server.url}/mistral/v1`, network: {} });
	const heard: string[] = [];
	const request = { content: question, settings: { model: 'mistral-large', maxOutputTokens: 100 }, dropped: [] };
	const answer = await provider.complete({ ...request, live: (text) => heard.push(text) }, never);
	expect([answer.kind, heard.join('')]).toEqual(['completion', 'Hello']);
});

/** The server gives each reply and each call a new ID, and signs anew. */
function withoutIds(result: object): unknown {
	const text = JSON.stringify(result, (key, value: unknown) =>
		['id', 'requestId', 'keepsake'].includes(key) ? undefined : value,
	);
	return JSON.parse(text);
}
