import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstTurn, planned, question, secondTurn, send } from './planned.ts';
import { calculating } from './scripts.ts';
import { VendorServer } from './vendor-server.ts';

let server: VendorServer;

beforeAll(async () => {
	server = await VendorServer.start();
});

afterAll(async () => await server.stop());

describe('a request that breaks the vendor’s rules is turned down', () => {
	const result = { role: 'tool', tool_call_id: 'call_1', content: '42' };
	test.each([
		['a result without its call', [question, result], /must be a response to a preceeding message with 'tool_calls'/],
		['a call without its result', [...secondTurn.slice(0, 2), question], /did not have response messages: call_1/],
	])('OpenAI: %s', async (_, messages, words) => {
		const { post, calls } = await planned(server, { openai: { fault: 'overloaded', turn: 'every' } });
		const response = await post(messages);
		expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(words)]);
		expect(calls()).toMatchObject([
			{ met: undefined, objection: expect.stringMatching(words) as unknown, billed: undefined },
		]);
	});

	test('Anthropic: a thought that it did not sign', async () => {
		const thought = { type: 'thinking', thinking: '', signature: 'foreign' };
		const reply = await toAnthropic([question, { role: 'assistant', content: [thought] }, question]);
		expect(reply).toMatchObject({ error: { message: expect.stringContaining('Invalid `signature`') as unknown } });
	});

	test('Gemini: a call that nobody signed', async () => {
		const call = { functionCall: { name: 'calculator', args: {} } };
		const reply = await toGemini([
			{ role: 'user', parts: [{ text: calculating.question }] },
			{ role: 'model', parts: [call] },
			answer,
		]);
		expect(reply).toMatchObject({
			error: { message: expect.stringContaining('missing a thought_signature') as unknown },
		});
	});
});

describe('what a vendor signed, it takes back', () => {
	test('Anthropic', async () => {
		const { content } = (await toAnthropic([question])) as { content: { type: string; id: string }[] };
		expect(content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
		const result = { type: 'tool_result', tool_use_id: content[1]?.id, content: '42' };
		const messages = [question, { role: 'assistant', content }, { role: 'user', content: [result] }];
		expect(await toAnthropic(messages)).toMatchObject({
			content: [{ type: 'thinking' }, { text: calculating.answer }],
		});
	});

	test('Gemini', async () => {
		const asked = { role: 'user', parts: [{ text: calculating.question }] };
		const first = (await toGemini([asked])) as { candidates: { content: object }[] };
		const second = await toGemini([asked, first.candidates[0]?.content ?? {}, answer]);
		expect(second).toMatchObject({ candidates: [{ content: { parts: [{ text: calculating.answer }] } }] });
	});
});

const answer = { role: 'user', parts: [{ functionResponse: { name: 'calculator', response: { result: '42' } } }] };

async function toAnthropic(messages: readonly object[]): Promise<unknown> {
	const { baseUrls } = await planned(server, {});
	const tool = { name: 'calculator', input_schema: { type: 'object', properties: {} } };
	const body = { model: 'claude-sonnet-5-5', max_tokens: 100, thinking: { type: 'adaptive' }, messages, tools: [tool] };
	return await (await send(`${baseUrls.anthropic}/v1/messages`, body, { 'anthropic-version': '2023-06-01' })).json();
}

async function toGemini(contents: readonly object[]): Promise<unknown> {
	const { baseUrls } = await planned(server, {});
	const tool = { functionDeclarations: [{ name: 'calculator', description: 'Calculates' }] };
	const url = `${baseUrls.gemini}/v1beta/models/gemini-3.8-flash:generateContent`;
	return await (await send(url, { contents, tools: [tool] })).json();
}

test('OpenAI Responses numbers its events, and names the last one for how it ended', async () => {
	const { baseUrls } = await planned(server, { openai: { fault: 'truncated', turn: 'first' } });
	const body = { model: 'gpt-6-luna', stream: true, input: [question] };
	const text = await (await send(`${baseUrls.openai}/responses`, body)).text();
	const events = text
		.trim()
		.split('\n\n')
		.map((event) => JSON.parse(event.split('data: ')[1] ?? '') as { type: string; sequence_number: number });
	expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
	expect(events.at(-1)?.type).toBe('response.incomplete');
});

test('Ollama streams unless it is told not to', async () => {
	const { baseUrls } = await planned(server, {});
	const response = await send(`${baseUrls.ollama}/api/chat`, { model: 'llama3.2', messages: firstTurn });
	expect(response.headers.get('content-type')).toBe('application/x-ndjson');
});

describe('the model', () => {
	test.each(['There was an error: 500', 'Received tool input did not match expected schema'])(
		'asks again after "%s"',
		async (content) => {
			const { post } = await planned(server, {});
			expect(await (await post(answered([content]))).json()).toMatchObject({
				choices: [{ finish_reason: 'tool_calls' }],
			});
		},
	);

	test('gives up on a tool that always fails', async () => {
		const { post } = await planned(server, {});
		const failures = Array.from({ length: 5 }, () => 'There was an error');
		expect(await (await post(answered(failures))).json()).toMatchObject({
			choices: [{ message: { content: 'I could not do that.' } }],
		});
	});

	function answered(results: readonly string[]): readonly object[] {
		const turns = results.map(
			(content) => [secondTurn[1], { role: 'tool', tool_call_id: 'call_1', content }] as object[],
		);
		return [question, ...turns.flat()];
	}
});
