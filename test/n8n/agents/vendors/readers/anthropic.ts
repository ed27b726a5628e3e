import Anthropic from '@anthropic-ai/sdk';
import { schema, tools, type Read, type Reader } from './reader.ts';

export const anthropicReaders: readonly Reader[] = [
	{
		vendor: 'anthropic',
		name: 'Anthropic Messages',
		ends: { calls: 'tool_use', answer: 'end_turn', length: 'max_tokens', refused: 'refusal' },
		read: async (baseUrl, question, result) =>
			readMessage(await claude(baseUrl).messages.create(messageBody(question, result))),
	},
	{
		vendor: 'anthropic',
		name: 'Anthropic Messages, streamed',
		ends: { calls: 'tool_use', answer: 'end_turn', length: 'max_tokens', refused: 'refusal' },
		read: async (baseUrl, question, result) =>
			readMessage(await claude(baseUrl).messages.stream(messageBody(question, result)).finalMessage()),
	},
];

function claude(baseURL: string): Anthropic {
	return new Anthropic({ apiKey: 'key', baseURL, maxRetries: 0 });
}

function messageBody(question: string, result: string | undefined) {
	const called: Anthropic.MessageParam[] = [
		{ role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'calculator', input: { input: '6*7' } }] },
		{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: result ?? '' }] },
	];
	return {
		model: 'claude-haiku-5-5',
		max_tokens: 1024,
		messages: [{ role: 'user' as const, content: question }, ...(result === undefined ? [] : called)],
		tools: tools.map((name) => ({ name, input_schema: schema as Anthropic.Tool.InputSchema })),
	};
}

function readMessage({ content, stop_reason, usage }: Anthropic.Message): Read {
	return {
		text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
		calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [])),
		end: stop_reason,
		tokens: usage.input_tokens + usage.output_tokens,
	};
}
