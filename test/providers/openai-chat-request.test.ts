import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startStrictServer, type StrictServer } from '../vendor-rules/strict-server';
import { ask, assistant, callOf, image, pdf, result, user, weather, type Asked } from './openai-conversation';

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

describe('a history', () => {
	it('goes as it was said: calls, their results, and what came after', async () => {
		const { request, messages } = await sent({
			messages: [
				{ role: 'system', text: 'Be brief.' },
				user('Rome and Oslo?'),
				assistant('Let me look.', callOf('call_1'), callOf('call_2', 'Oslo')),
				result('call_2', 'snow'),
				result('call_1', 'sun'),
				assistant('Sun, snow.'),
				user('And Bern?'),
			],
			tools: [weather],
		});
		expect(request.path).toBe('/v1/chat/completions');
		const call = (id: string, city: string) => ({
			id,
			type: 'function',
			function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
		});
		expect(messages).toEqual([
			{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: 'Rome and Oslo?' },
			{ role: 'assistant', content: 'Let me look.', tool_calls: [call('call_1', 'Rome'), call('call_2', 'Oslo')] },
			{ role: 'tool', tool_call_id: 'call_1', content: 'sun' },
			{ role: 'tool', tool_call_id: 'call_2', content: 'snow' },
			{ role: 'assistant', content: 'Sun, snow.' },
			{ role: 'user', content: 'And Bern?' },
		]);
	});

	it('may hold a turn of calls alone', async () => {
		const { messages } = await sent({ messages: [user('q'), assistant(' ', callOf('a')), result('a', 'sun')] });
		expect(messages[1]).toMatchObject({ content: null });
	});

	it('keeps IDs that OpenAI takes, and fits those that are too long or odd', async () => {
		const ids = ['x'.repeat(40), 'x'.repeat(41), 'with space', 'toolu_01|fc_2'];
		const { messages } = await sent({
			messages: [user('q'), assistant('', ...ids.map((id) => callOf(id))), ...ids.map((id) => result(id, id))],
		});
		const answered = messages.slice(2).map(({ tool_call_id }) => tool_call_id);
		expect(answered).toEqual([
			ids[0],
			expect.stringMatching(/^[0-9a-f]{9}$/),
			expect.stringMatching(/^[0-9a-f]{9}$/),
			ids[3],
		]);
		expect(messages[2]).toMatchObject({ content: ids[0] });
	});

	it('tells errors in words, and that a tool gave nothing', async () => {
		const failed = { ...result('a', 'no such city'), isError: true };
		const { messages } = await sent({
			messages: [user('q'), assistant('', callOf('a'), callOf('b')), failed, result('b')],
		});
		expect(messages[2]).toMatchObject({ content: 'The tool failed: no such city' });
		expect(messages[3]).toMatchObject({ content: 'It gave nothing back.' });
	});

	it('brings the files of results after all of them, with what the user said next', async () => {
		const { messages } = await sent({
			messages: [
				user('q', image),
				assistant('', callOf('a'), callOf('b')),
				result('a', image),
				result('b', 'text', pdf),
				user('Well?'),
			],
			tools: [weather],
		});
		expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
		expect(messages[2]).toMatchObject({ content: 'The files follow in the next message.' });
		expect(messages[3]).toMatchObject({ content: 'text' });
		const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
		expect(messages[0]?.['content']).toEqual([{ type: 'text', text: 'q' }, picture]);
		expect(messages[4]?.['content']).toEqual([
			{ type: 'text', text: 'Files that get_weather gave back:' },
			picture,
			{ type: 'text', text: 'Files that get_weather gave back:' },
			{ type: 'file', file: { filename: 'report.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
			{ type: 'text', text: 'Well?' },
		]);
	});

	it('holds no half characters, which are refused', async () => {
		const half = 'smile \ud83d';
		const { request } = await sent({
			messages: [
				user(half),
				assistant(half, { ...callOf('a'), argumentsText: `{"city":"${half}"}` }),
				result('a', half),
			],
			tools: [{ ...weather, description: half }],
		});
		const text = JSON.stringify(request.body);
		expect(text.match(/\ufffd/g)).toHaveLength(5);
		expect(text).not.toContain('\\ud83d');
	});

	it('sends nothing back that only the Responses API or a like server understands', async () => {
		const keepsake = { target: 'same', content: { reasoning: 'hm', details: [1], extras: [{ a: 1 }], items: [] } };
		const { messages } = await sent({
			messages: [user('q'), { role: 'assistant', text: '', toolCalls: [callOf('a')], keepsake }, result('a', 'sun')],
		});
		expect(Object.keys(messages[1] ?? {})).toEqual(['role', 'content', 'tool_calls']);
	});
});

it('arguments that are no object go back as none', async () => {
	const written = ['{"city":"Ro', '[1]', '"x"', '', '{"n":12345678901234567890}'];
	const { messages } = await sent({
		messages: [
			user('q'),
			assistant('', ...written.map((argumentsText, n) => ({ ...callOf(`c${n}`), argumentsText }))),
			...written.map((_, n) => result(`c${n}`, 'x')),
		],
	});
	const calls = messages[1]?.['tool_calls'] as ReadonlyArray<{ function: { arguments: string } }>;
	expect(calls.map((call) => call.function.arguments)).toEqual(['{}', '{}', '{}', '{}', written[4]]);
});

it('a bad call is shown to the model that made it, and repaired', async () => {
	server.answer(({ body }) => {
		const { length } = body['messages'] as readonly unknown[];
		return { calls: [{ name: 'get_weather', args: length === 1 ? {} : { city: 'Rome' } }] };
	});
	const first = await ask(server, { tools: [weather] });
	if (first.result.kind === 'failure') throw new Error(first.result.message);
	const { toolCalls = [] } = first.result;
	const repaired = await ask(server, {
		tools: [weather],
		messages: [
			user('What is the weather in Rome?'),
			assistant('', ...toolCalls),
			{ ...result(toolCalls[0]!.id, 'This call was not run.'), isError: true },
			user('Your answer cannot be used'),
		],
	});
	expect(repaired.request.violations).toEqual([]);
	expect(repaired.result).toMatchObject({ toolCalls: [{ name: 'get_weather', argumentsText: '{"city":"Rome"}' }] });
});
