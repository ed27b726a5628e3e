import { Anthropic } from '@anthropic-ai/sdk';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { listOf, objectOf, objectsOf, textOf, type JsonObject } from './json';
import { rulesOf } from './rule-cases';
import { startStrictServer, type StrictServer } from './strict-server';
import type { ScriptedReply } from './wire/scripted-reply';

let server: StrictServer;
let anthropic: Anthropic;
let openAi: OpenAI;

beforeAll(async () => {
	server = await startStrictServer();
	anthropic = new Anthropic({ apiKey: 'key', baseURL: server.url, maxRetries: 0 });
	openAi = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
afterAll(async () => await server.close());

const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const usage = { input: 1200, output: 90, reasoning: 40, cacheRead: 1000 };
const twoCalls: ScriptedReply = {
	text: 'Let me look at both cities.',
	calls: [
		{ name: 'weather', args: { city: 'Rome' } },
		{ name: 'now', args: {} },
	],
	reasoning: 'Two cities, two calls.',
	usage,
};
const question = 'Weather in Rome and Oslo?';

beforeEach(() =>
	server.answer(({ body }) => (/Rain|Sun/.test(JSON.stringify(body)) ? { text: 'Sun in Rome.' } : twoCalls)),
);

async function post(path: string, body: object): Promise<{ status: number; text: string; json: JsonObject }> {
	const response = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
	const text = await response.text();
	return {
		status: response.status,
		text,
		json: objectOf(text.startsWith('{') ? JSON.parse(text.split('\n')[0] ?? '') : {}),
	};
}

describe('a tool loop with each vendor, whole and streamed', () => {
	it('Anthropic', async () => {
		const tools = ['weather', 'now'].map((name) => ({ name, input_schema: schema }));
		const asked = { model: 'claude-haiku-5-5', max_tokens: 1024, tools };
		const first: Anthropic.MessageParam = { role: 'user', content: question };
		const whole = await anthropic.messages.create({ ...asked, messages: [first] });
		const streamed = await anthropic.messages.stream({ ...asked, messages: [first] }).finalMessage();
		const shape = ({ content, stop_reason, usage }: Anthropic.Message) => ({
			content: content.map((block) => (block.type === 'tool_use' ? { ...block, id: '' } : block)),
			stop_reason,
			output: usage.output_tokens,
		});
		expect(shape(streamed)).toEqual(shape(whole));
		expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use', 'tool_use']);

		const results = whole.content.flatMap((block) =>
			block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'Sun' }] : [],
		);
		const loop: Anthropic.MessageParam[] = [
			first,
			{ role: 'assistant', content: whole.content },
			{ role: 'user', content: results },
		];
		const end = await anthropic.messages.create({ ...asked, messages: loop });
		expect(end.content).toMatchObject([{ type: 'text', text: 'Sun in Rome.' }]);
		await expect(anthropic.messages.create({ ...asked, messages: loop, system: 'Be brief.' })).rejects.toMatchObject({
			status: 400,
			message: expect.stringContaining('bound to a different conversation') as string,
		});
	});

	it('OpenAI, chat completions', async () => {
		const tools = ['weather', 'now'].map((name) => ({
			type: 'function' as const,
			function: { name, parameters: schema },
		}));
		const asked = { model: 'gpt-6-luna', tools, reasoning_effort: 'none' as const };
		const first = { role: 'user' as const, content: question };
		const whole = await openAi.chat.completions.create({ ...asked, messages: [first] });
		const streamed = await openAi.chat.completions
			.stream({ ...asked, messages: [first], stream_options: { include_usage: true } })
			.finalChatCompletion();
		const shape = (reply: OpenAI.Chat.ChatCompletion) => ({
			text: reply.choices[0]?.message.content,
			calls: reply.choices[0]?.message.tool_calls?.map(
				(call) => call.type === 'function' && [call.function.name, call.function.arguments],
			),
			finish: reply.choices[0]?.finish_reason,
			usage: reply.usage,
		});
		expect(shape(streamed)).toEqual(shape(whole));
		expect(shape(whole)).toMatchObject({
			calls: [
				['weather', '{"city":"Rome"}'],
				['now', '{}'],
			],
			finish: 'tool_calls',
		});

		const message = whole.choices[0]!.message;
		const calls = message.tool_calls ?? [];
		const results = calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'Sun' }));
		const own = { role: 'assistant' as const, content: message.content, tool_calls: calls };
		const end = await openAi.chat.completions.create({ ...asked, messages: [first, own, ...results] });
		expect(end.choices[0]?.message.content).toBe('Sun in Rome.');
		const tooFew = openAi.chat.completions.create({ ...asked, messages: [first, own, ...results.slice(1)] });
		await expect(tooFew).rejects.toMatchObject({ status: 400, param: 'messages.[3].role' });
	});

	it('OpenAI, responses', async () => {
		const tools = ['weather', 'now'].map((name) => ({
			type: 'function' as const,
			name,
			parameters: schema,
			strict: false,
		}));
		const asked = { model: 'gpt-6-luna', tools, store: false, reasoning: { effort: 'low' as const } };
		const whole = await openAi.responses.create({ ...asked, input: question });
		const streamed = await openAi.responses.stream({ ...asked, input: question }).finalResponse();
		const shape = ({ output, output_text, usage }: OpenAI.Responses.Response) => ({
			output: output.map((item) => (item.type === 'function_call' ? [item.name, item.arguments] : item.type)),
			output_text,
			usage,
		});
		expect(shape(streamed)).toEqual(shape(whole));
		expect(shape(whole).output).toEqual(['reasoning', 'message', ['weather', '{"city":"Rome"}'], ['now', '{}']]);

		const results = whole.output.flatMap((item) =>
			item.type === 'function_call'
				? [{ type: 'function_call_output' as const, call_id: item.call_id, output: 'Sun' }]
				: [],
		);
		const items = whole.output as OpenAI.Responses.ResponseInputItem[];
		const loop = [{ role: 'user' as const, content: question }, ...items, ...results];
		expect((await openAi.responses.create({ ...asked, input: loop })).output_text).toBe('Sun in Rome.');
		const other = openAi.responses.create({ ...asked, model: 'gpt-6.1-terra', input: loop });
		await expect(other).rejects.toMatchObject({ status: 400, code: 'invalid_encrypted_content' });
	});

	it('Gemini', async () => {
		const path = '/v1beta/models/gemini-3.8-flash:';
		const functionDeclarations = ['weather', 'now'].map((name) => ({ name, parametersJsonSchema: schema }));
		const user = { role: 'user', parts: [{ text: question }] };
		const asked = { tools: [{ functionDeclarations }], contents: [user] };
		const whole = (await post(`${path}generateContent`, asked)).json;
		const content = objectOf(objectOf(listOf(whole['candidates'])[0])['content']);
		const streamed = (await post(`${path}streamGenerateContent?alt=sse`, asked)).text
			.split('\r\n\r\n')
			.filter((event) => event !== '')
			.map((event) => JSON.parse(event.slice('data: '.length)) as JsonObject);
		const partsOf = (reply: JsonObject) =>
			objectsOf(objectOf(objectOf(listOf(reply['candidates'])[0])['content'])['parts']);
		const parts = streamed.flatMap(partsOf).map(([, part]) => part);
		expect(parts.map(({ text }) => textOf(text)).join('')).toBe(twoCalls.text);
		expect(parts.flatMap(({ functionCall }) => (functionCall ? [objectOf(functionCall)['name']] : []))).toEqual([
			'weather',
			'now',
		]);
		expect(streamed.map((reply) => objectOf(listOf(reply['candidates'])[0])['finishReason']).filter(Boolean)).toEqual([
			'STOP',
		]);

		const answers = objectsOf(content['parts']).flatMap(([, { functionCall }]) => {
			const { id, name } = objectOf(functionCall);
			return functionCall ? [{ functionResponse: { id, name, response: { output: 'Sun' } } }] : [];
		});
		const loop = { ...asked, contents: [user, content, { role: 'user', parts: answers }] };
		expect(JSON.stringify((await post(`${path}generateContent`, loop)).json)).toContain('Sun in Rome.');
		const unsigned = JSON.parse(JSON.stringify(loop).replace(/,"thoughtSignature":"[^"]*"/, '')) as object;
		const refusal = await post(`${path}generateContent`, unsigned);
		expect(refusal.json).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
		expect(refusal.text).toContain('`default_api:weather` , position 2.');
	});

	it('Ollama', async () => {
		const tools = ['weather', 'now'].map((name) => ({ type: 'function', function: { name, parameters: schema } }));
		const asked = {
			model: 'qwen3.8',
			tools,
			truncate: false,
			shift: false,
			messages: [{ role: 'user', content: question }],
		};
		const { message } = (await post('/api/chat', { ...asked, stream: false })).json;
		const lines = (await post('/api/chat', asked)).text
			.trim()
			.split('\n')
			.map((line) => objectOf(JSON.parse(line)));
		expect(lines.map((line) => textOf(objectOf(line['message'])['content'])).join('')).toBe(twoCalls.text);
		expect(lines.at(-1)).toMatchObject({
			done: true,
			done_reason: 'stop',
			prompt_eval_count: 1200,
			eval_count: 90,
		});
		const results = objectsOf(objectOf(message)['tool_calls']).map(([, call]) => ({
			role: 'tool',
			content: 'Sun',
			tool_call_id: call['id'],
			tool_name: objectOf(call['function'])['name'],
		}));
		const loop = { ...asked, stream: false, messages: [...asked.messages, message, ...results] };
		expect((await post('/api/chat', loop)).json).toMatchObject({ message: { content: 'Sun in Rome.' } });
		expect(server.requests.flatMap(({ violations }) => rulesOf(violations))).toEqual([]);
		const asText = { ...loop, messages: [{ role: 'user', content: [{ type: 'text', text: question }] }] };
		expect((await post('/api/chat', asText)).json).toEqual({
			error: expect.stringContaining('cannot unmarshal array') as string,
		});
	});

	it('a compatible server, by its dialect', async () => {
		const own = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/mistral/v1`, maxRetries: 0 });
		const tools = ['weather', 'now'].map((name) => ({
			type: 'function' as const,
			function: { name, parameters: schema },
		}));
		const first = { role: 'user' as const, content: question };
		const whole = await own.chat.completions.create({ model: 'mistral-small', tools, messages: [first] });
		const calls = whole.choices[0]?.message.tool_calls ?? [];
		expect(calls.map(({ id }) => id.length)).toEqual([9, 9]);
		const foreign = calls.map((call) => ({ ...call, id: `call_${call.id}` }));
		const results = foreign.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'Sun' }));
		const messages = [first, { role: 'assistant' as const, content: '', tool_calls: foreign }, ...results];
		await expect(own.chat.completions.create({ model: 'mistral-small', tools, messages })).rejects.toThrow(
			'length of 9',
		);
		const plain = await fetch(`${server.url}/plain/v1/chat/completions`, {
			method: 'POST',
			body: JSON.stringify({ model: 'any', tools, messages }),
		});
		expect(plain.status).toBe(200);
	});
});
