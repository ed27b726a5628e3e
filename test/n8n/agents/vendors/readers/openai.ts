import OpenAI from 'openai';
import { schema, tools, type Read, type Reader } from './reader.ts';

export const openAiReaders: readonly Reader[] = [
	{
		vendor: 'openai',
		name: 'OpenAI Chat Completions',
		ends: { calls: 'tool_calls', answer: 'stop', length: 'length', refused: 'stop' },
		read: async (baseUrl, question, result) =>
			readChat(await openAi(baseUrl).chat.completions.create(chatBody(question, result))),
	},
	{
		vendor: 'openai',
		name: 'OpenAI Chat Completions, streamed',
		ends: { calls: 'tool_calls', answer: 'stop', length: 'length', refused: 'stop' },
		read: async (baseUrl, question, result) => {
			const stream = openAi(baseUrl).chat.completions.stream({
				...chatBody(question, result),
				stream_options: { include_usage: true },
			});
			return readChat(await stream.finalChatCompletion());
		},
	},
	{
		vendor: 'openai',
		name: 'OpenAI Responses',
		ends: { calls: 'completed', answer: 'completed', length: 'max_output_tokens', refused: 'completed' },
		read: async (baseUrl, question, result) =>
			readResponse(await openAi(baseUrl).responses.create(responseBody(question, result))),
	},
	{
		vendor: 'openai',
		name: 'OpenAI Responses, streamed',
		ends: { calls: 'completed', answer: 'completed', length: 'max_output_tokens', refused: 'completed' },
		read: async (baseUrl, question, result) =>
			readResponse(await openAi(baseUrl).responses.stream(responseBody(question, result)).finalResponse()),
	},
];

function openAi(baseURL: string): OpenAI {
	return new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0 });
}

function chatBody(question: string, result: string | undefined) {
	const call = { name: 'calculator', arguments: '{"input":"6*7"}' };
	const called: OpenAI.ChatCompletionMessageParam[] = [
		{ role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: call }] },
		{ role: 'tool', tool_call_id: 'call_1', content: result ?? '' },
	];
	return {
		model: 'gpt-4o-mini',
		messages: [{ role: 'user' as const, content: question }, ...(result === undefined ? [] : called)],
		tools: tools.map((name) => ({ type: 'function' as const, function: { name, parameters: schema } })),
	};
}

function readChat({ choices, usage }: OpenAI.ChatCompletion): Read {
	const [choice] = choices;
	return {
		text: choice?.message.content ?? '',
		calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
			call.type === 'function' ? [{ name: call.function.name, input: parsed(call.function.arguments) }] : [],
		),
		end: choice?.finish_reason,
		tokens: usage?.total_tokens,
	};
}

function responseBody(question: string, result: string | undefined) {
	const called = [
		{ type: 'function_call' as const, call_id: 'call_1', name: 'calculator', arguments: '{"input":"6*7"}' },
		{ type: 'function_call_output' as const, call_id: 'call_1', output: result ?? '' },
	];
	return {
		model: 'gpt-6-luna',
		input: [{ role: 'user' as const, content: question }, ...(result === undefined ? [] : called)],
		tools: tools.map((name) => ({ type: 'function' as const, name, parameters: schema, strict: false })),
	};
}

function readResponse(response: OpenAI.Responses.Response): Read {
	return {
		text: response.output_text,
		calls: response.output.flatMap((item) =>
			item.type === 'function_call' ? [{ name: item.name, input: parsed(item.arguments) }] : [],
		),
		end: response.incomplete_details?.reason ?? response.status,
		tokens: response.usage?.total_tokens,
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
