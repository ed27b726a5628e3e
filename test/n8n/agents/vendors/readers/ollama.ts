import { schema, tools, type Read, type Reader } from './reader.ts';

export const ollamaReaders: readonly Reader[] = [
	{
		vendor: 'ollama',
		name: 'Ollama',
		ends: { calls: 'stop', answer: 'stop', length: 'length', refused: 'stop' },
		read: async (baseUrl, question, result) => readOllama(await ollama(baseUrl, question, result, false)),
	},
	{
		vendor: 'ollama',
		name: 'Ollama, streamed',
		ends: { calls: 'stop', answer: 'stop', length: 'length', refused: 'stop' },
		read: async (baseUrl, question, result) => readOllama(await ollama(baseUrl, question, result, true)),
	},
];

interface OllamaLine {
	readonly message: {
		readonly content: string;
		readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: unknown } }[];
	};
	readonly done: boolean;
	readonly done_reason?: string;
	readonly eval_count?: number;
}

/** There is no SDK of Ollama here; its format is one JSON object a line. */
async function ollama(
	baseUrl: string,
	question: string,
	result: string | undefined,
	stream: boolean,
): Promise<readonly OllamaLine[]> {
	const called = [
		{ role: 'assistant', content: '', tool_calls: [{ function: { name: 'calculator', arguments: { input: '6*7' } } }] },
		{ role: 'tool', content: result, tool_name: 'calculator' },
	];
	const messages = [{ role: 'user', content: question }, ...(result === undefined ? [] : called)];
	const body = {
		model: 'llama3.2',
		stream,
		messages,
		tools: tools.map((name) => ({ type: 'function', function: { name, parameters: schema } })),
	};
	const response = await fetch(`${baseUrl}/api/chat`, { method: 'POST', body: JSON.stringify(body) });
	const text = await response.text();
	if (!response.ok) throw Object.assign(new Error(text), { status: response.status });
	return text
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as OllamaLine);
}

function readOllama(lines: readonly OllamaLine[]): Read {
	const last = lines.at(-1);
	return {
		text: lines.map((line) => line.message.content).join(''),
		calls: lines
			.flatMap((line) => line.message.tool_calls ?? [])
			.map((call) => ({ name: call.function.name, input: call.function.arguments })),
		end: last?.done_reason,
		tokens: last?.eval_count,
	};
}
