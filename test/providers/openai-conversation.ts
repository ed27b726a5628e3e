import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type {
	Attachment,
	Conversation,
	Message,
	Part,
	Tool,
	ToolCall,
	ToolMessage,
} from '../../nodes/ResilientLlm/engine/conversation';
import type { Failure } from '../../nodes/ResilientLlm/engine/failure';
import type { Provider } from '../../nodes/ResilientLlm/engine/provider';
import type { ModelSettings } from '../../nodes/ResilientLlm/engine/request';
import { createOpenAi } from '../../nodes/ResilientLlm/providers/openai';
import { createOpenAiCompatible } from '../../nodes/ResilientLlm/providers/openai-compatible';
import { listOf, objectOf, type JsonObject } from '../vendor-rules/json';
import type { AskedRequest, StrictServer } from '../vendor-rules/strict-server';

export const weather: Tool = {
	name: 'get_weather',
	description: 'The weather in a city',
	schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

export const image: Attachment = { kind: 'image', mimeType: 'image/png', base64: 'iVBORw0KGgo=', fileName: 'sky.png' };
export const pdf: Attachment = { kind: 'pdf', mimeType: 'application/pdf', base64: 'JVBERi0=', fileName: 'report.pdf' };

export const user = (...parts: ReadonlyArray<string | Part>): Message => ({
	role: 'user',
	parts: parts.map((part) => (typeof part === 'string' ? { kind: 'text', text: part } : part)),
});
export const callOf = (id: string, city = 'Rome', name = 'get_weather'): ToolCall => ({
	id,
	name,
	argumentsText: JSON.stringify({ city }),
});
export const assistant = (text: string, ...toolCalls: readonly ToolCall[]): Message => ({
	role: 'assistant',
	text,
	toolCalls,
});
export const result = (callId: string, ...parts: ReadonlyArray<string | Part>): ToolMessage => ({
	role: 'tool',
	callId,
	name: 'get_weather',
	parts: parts.map((part) => (typeof part === 'string' ? { kind: 'text', text: part } : part)),
	isError: false,
});

/** What an answer adds to its conversation, with what the same model may have back. */
export function turnOf(completion: Completion | Failure): Message {
	if (completion.kind === 'failure') throw new Error(`${completion.reason}: ${completion.message}`);
	const { text, toolCalls = [], keepsake } = completion;
	const kept = keepsake === undefined ? {} : { keepsake: { target: 'same', content: keepsake } };
	return { role: 'assistant', text, toolCalls, ...kept };
}

export interface Asking {
	readonly result: Completion | Failure;
	readonly request: AskedRequest;
	readonly body: JsonObject;
	readonly messages: readonly JsonObject[];
	readonly input: readonly JsonObject[];
}

export type Asked = Partial<Conversation> & { readonly settings?: Partial<ModelSettings> };

export const never = new AbortController().signal;

/** Asks a strict server once, through OpenAI's adapter or, where a dialect is named, through that of its likes. */
export async function ask(server: StrictServer, asked: Asked, dialect?: string): Promise<Asking> {
	const { settings, ...content } = asked;
	const before = server.requests.length;
	const answer = await adapter(server.url, dialect).complete(
		{
			content: {
				messages: [user('What is the weather in Rome?')],
				tools: [],
				toolChoice: { kind: 'auto' },
				output: { kind: 'text' },
				...content,
			},
			settings: { model: dialect === undefined ? 'gpt-4.1' : 'my-model', maxOutputTokens: 500, ...settings },
			dropped: [],
		},
		never,
	);
	const request = server.requests[before];
	if (request === undefined) throw new Error('Nothing was asked');
	return {
		result: answer,
		request,
		body: request.body,
		messages: listOf(request.body['messages']).map(objectOf),
		input: listOf(request.body['input']).map(objectOf),
	};
}

function adapter(url: string, dialect: string | undefined): Provider {
	const account = { apiKey: 'KEY', network: {} };
	return dialect === undefined
		? createOpenAi({ ...account, baseUrl: url })
		: createOpenAiCompatible({ ...account, baseUrl: `${url}/${dialect}/v1` });
}
