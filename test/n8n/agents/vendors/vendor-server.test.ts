import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstTurn, planned, question, secondTurn, send, status, tools } from './planned.ts';
import { VendorServer } from './vendor-server.ts';

let server: VendorServer;

beforeAll(async () => {
	server = await VendorServer.start();
});

afterAll(async () => await server.stop());

describe('trouble', () => {
	test('comes so many times, then the vendor is well', async () => {
		const { post } = await planned(server, { openai: { fault: 'server_error', turn: 'first', times: 2 } });
		expect([await status(post(firstTurn)), await status(post(firstTurn)), await status(post(firstTurn))]).toEqual([
			500, 500, 200,
		]);
	});

	test.each([
		['first', [503, 200]],
		['second', [200, 503]],
		['every', [503, 503]],
	] as const)('comes at the %s turn', async (turn, statuses) => {
		const { post } = await planned(server, { openai: { fault: 'overloaded', turn } });
		expect([await status(post(firstTurn)), await status(post(secondTurn))]).toEqual(statuses);
	});

	test('counts each vendor’s calls by themselves', async () => {
		const once = { fault: 'server_error', turn: 'first', times: 1 } as const;
		const { post, baseUrls } = await planned(server, { openai: once, compatible: once });
		expect(await status(post(firstTurn))).toBe(500);
		const body = { model: 'local-model', messages: firstTurn };
		expect(await status(send(`${baseUrls.compatible}/chat/completions`, body))).toBe(500);
	});

	test('is one vendor’s, not the others’', async () => {
		const { post } = await planned(server, { anthropic: { fault: 'overloaded', turn: 'every' } });
		expect(await status(post(firstTurn))).toBe(200);
	});

	test('a second turn counts from the last question on, whatever was asked before', async () => {
		const { post } = await planned(server, { openai: { fault: 'overloaded', turn: 'second' } });
		expect(await status(post([...secondTurn, { role: 'assistant', content: 'The result is 42.' }, question]))).toBe(
			200,
		);
	});

	test('says how long to wait', async () => {
		const { post } = await planned(
			server,
			{ openai: { fault: 'rate_limited', turn: 'first' } },
			{ retryAfterSeconds: 7 },
		);
		expect((await post(firstTurn)).headers.get('retry-after')).toBe('7');
	});

	test('refuses connections from the second turn on', async () => {
		const { post } = await planned(server, { openai: { fault: 'connection_refused', turn: 'second' } });
		expect(await status(post(firstTurn))).toBe(200);
		await expect(post(secondTurn)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
	});

	test('refuses connections from the first turn on', async () => {
		const { post } = await planned(server, { openai: { fault: 'connection_refused', turn: 'first' } });
		await expect(post(firstTurn)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
	});

	test('resets the connection within the body', async () => {
		const { post } = await planned(server, { openai: { fault: 'reset_within_body', turn: 'first' } });
		const response = await post(firstTurn);
		await expect(response.text()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
	});

	test.each([false, true])('ends the body early and clean (streamed: %s)', async (stream) => {
		const { post } = await planned(server, { openai: { fault: 'cut_stream', turn: 'second' } });
		const text = await (await post(secondTurn, { stream })).text();
		expect(text).toContain(stream ? '"content":"The ' : '"chat.completion"');
		expect(text).not.toMatch(/\[DONE\]|finish_reason":"stop/);
	});

	test('says part of the body, and then nothing more, until the caller gives up', async () => {
		const { post, calls } = await planned(server, { openai: { fault: 'stall', turn: 'first' } });
		const caller = new AbortController();
		const response = await post(firstTurn, {}, caller.signal);
		const reader = (response.body as ReadableStream<Uint8Array>).getReader();
		expect((await reader.read()).value?.length).toBeGreaterThan(0);
		expect(calls()[0]?.endedAt).toBeUndefined();
		caller.abort();
		await expect.poll(() => calls()[0]?.endedAt).toBeGreaterThan(0);
	});
});

describe('the journal', () => {
	test('tells what was asked, with which key, what it met and what it costs', async () => {
		const { post, calls } = await planned(server, { openai: { fault: 'truncated', turn: 'second' } });
		await status(post(firstTurn));
		await status(post(secondTurn));
		expect(calls()).toMatchObject([
			{
				vendor: 'openai',
				path: '/v1/chat/completions',
				turn: 1,
				met: undefined,
				headers: { authorization: 'Bearer key' },
			},
			{ turn: 2, met: 'truncated', asked: { model: 'gpt-4o-mini', streamed: false, tools: ['calculator'] } },
		]);
		const sent = { model: 'gpt-4o-mini', messages: firstTurn, tools };
		const input = Math.ceil(JSON.stringify(sent).length / 4);
		expect(calls()[0]?.billed).toEqual({ input, output: Math.ceil('calculator{"input":"6*7"}'.length / 4) });
	});

	test.each([
		['server_error', false],
		['reset_before_body', false],
		['html', false],
		['reset_within_body', true],
		['cut_stream', true],
		['empty', true],
	] as const)('bills only what a model wrote: %s', async (fault, isBilled) => {
		const { post, calls } = await planned(server, { openai: { fault, turn: 'first' } });
		await post(firstTurn)
			.then((response) => response.text())
			.catch(() => undefined);
		expect(calls()[0]?.billed !== undefined).toBe(isBilled);
	});
});

test('the ledger keeps what the tool that writes was called with', async () => {
	const { ledgerUrl, name } = await planned(server, {});
	const response = await fetch(ledgerUrl, { method: 'POST', body: '{"amount":42}' });
	expect(await response.json()).toEqual({ booked: 42 });
	expect(server.ledger.filter(({ plan }) => plan === name)).toMatchObject([{ body: { amount: 42 } }]);
});

test('pieces of a stream come with the pause between them that was asked for', async () => {
	const { post } = await planned(server, {}, { pieceMs: 5 });
	const startedAt = performance.now();
	const text = await (await post(secondTurn, { stream: true })).text();
	const pauses = text.trim().split('\n\n').length - 1;
	expect(performance.now() - startedAt).toBeGreaterThan(pauses * 4);
});
