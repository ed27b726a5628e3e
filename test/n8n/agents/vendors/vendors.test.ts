import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from './faults.ts';
import { booking, calculating, type Script } from './scripts.ts';
import { anthropicReaders } from './readers/anthropic.ts';
import { geminiReaders } from './readers/gemini.ts';
import { ollamaReaders } from './readers/ollama.ts';
import { openAiReaders } from './readers/openai.ts';
import type { Read, Reader } from './readers/reader.ts';
import { VendorServer, type Trouble } from './vendor-server.ts';

const readers = [...openAiReaders, ...anthropicReaders, ...geminiReaders, ...ollamaReaders];

let server: VendorServer;
beforeAll(async () => {
	server = await VendorServer.start();
});
afterAll(async () => await server.stop());

let plans = 0;
async function asked(reader: Reader, script: Script, result?: string, trouble?: Trouble): Promise<Read> {
	const troubles = trouble === undefined ? {} : { [reader.vendor]: trouble };
	const { baseUrls } = await server.plan(`plan-${plans++}`, { script, troubles });
	return await reader.read(baseUrls[reader.vendor], script.question, result);
}

describe.each(readers)('$name, read by the vendor’s own SDK', (reader) => {
	test('asks for the tool, complete', async () => {
		const read = await asked(reader, calculating);
		expect(read).toMatchObject({ calls: [{ name: 'calculator', input: { input: '6*7' } }], end: reader.ends.calls });
		expect(read.tokens).toBeGreaterThan(0);
	});

	test('answers with what the tool gave', async () => {
		expect(await asked(reader, calculating, '[{"response":"42"}]')).toMatchObject({
			text: 'The result is 42.',
			calls: [],
			end: reader.ends.answer,
		});
		expect(await asked(reader, calculating, '[{"response":"7"}]')).toMatchObject({ text: 'The result is 7.' });
	});

	test('stops at the output limit, unfinished', async () => {
		const read = await asked(reader, calculating, '42', { fault: 'truncated', turn: 'second' });
		expect(read).toMatchObject({ text: 'The resul', end: reader.ends.length });
	});

	test.each<Fault>(['truncated', 'broken_arguments'])('does not get a call across: %s', async (fault) => {
		const outcome = await asked(reader, calculating, undefined, { fault, turn: 'first' }).catch(() => undefined);
		expect(outcome?.calls ?? []).not.toContainEqual({ name: 'calculator', input: { input: '6*7' } });
	});

	test('says nothing', async () => {
		expect(await asked(reader, calculating, undefined, { fault: 'empty', turn: 'first' })).toMatchObject({
			text: '',
			calls: [],
			end: reader.ends.answer,
		});
	});

	test('refuses, without a call', async () => {
		expect(await asked(reader, calculating, undefined, { fault: 'refusal', turn: 'first' })).toMatchObject({
			calls: [],
			end: reader.ends.refused,
		});
	});

	test('asks for a tool that nobody offered', async () => {
		expect((await asked(reader, calculating, undefined, { fault: 'unknown_tool', turn: 'first' })).calls).toMatchObject(
			[{ name: 'wolfram_alpha' }],
		);
	});

	test('asks for the tool that writes with arguments that do not fit', async () => {
		const { calls } = await asked(reader, booking, undefined, { fault: 'unfitting_arguments', turn: 'first' });
		expect(calls).toEqual([{ name: 'book', input: { sum: ['forty-two'] } }]);
	});

	test.each<[Fault, number]>([
		['overloaded', reader.vendor === 'anthropic' ? 529 : 503],
		['rate_limited', 429],
		['quota_exhausted', reader.vendor === 'anthropic' ? 400 : 429],
		['server_error', 500],
		['wrong_key', reader.vendor === 'gemini' ? 400 : 401],
		['unknown_model', 404],
		['context_too_long', 400],
	])('turns the request down: %s', async (fault, status) => {
		await expect(asked(reader, calculating, undefined, { fault, turn: 'first' })).rejects.toMatchObject({ status });
	});

	test.each<Fault>(['connection_refused', 'reset_before_body', 'reset_within_body', 'html'])(
		'gives no answer: %s',
		async (fault) => {
			const outcome = await asked(reader, calculating, '42', { fault, turn: 'every' }).catch(() => undefined);
			expect(outcome?.text ?? '').not.toContain('42');
		},
	);

	test.each<Fault>(['cut_stream', 'cut_arguments'])('ends too early, as if that were the end: %s', async (fault) => {
		const outcome = await asked(reader, calculating, undefined, { fault, turn: 'first' }).catch(() => undefined);
		expect(outcome?.calls ?? []).not.toContainEqual({ name: 'calculator', input: { input: '6*7' } });
	});
});
