import type { Conversation, Entry } from '../conversation.ts';
import type { Reply } from '../reply.ts';
import {
	argumentsObject,
	inPieces,
	isJson,
	textPieceLength,
	type Envelope,
	type ErrorReply,
	type Protocol,
	type Refusal,
	type Stream,
} from './protocol.ts';

interface Request {
	readonly model?: string;
	readonly stream?: boolean;
	readonly messages?: readonly Message[];
	readonly tools?: readonly { readonly function?: { readonly name: string } }[];
}

interface Message {
	readonly role: string;
	readonly content?: string;
}

/** Ollama's own chat API: no IDs of calls, no way to mark a refusal, and it streams unless it is told not to. */
export const ollama: Protocol = {
	path: /^\/api\/chat$/,
	streamType: 'application/x-ndjson',
	read,
	whole: (reply, envelope) => ({ ...line(envelope, messageOf(reply)), ...ending(reply, envelope) }),
	stream,
	refusal,
};

function read(_path: string, body: string): Conversation | undefined {
	const { model, stream, messages, tools = [] } = JSON.parse(body) as Request;
	if (model === undefined || messages === undefined) return undefined;
	return {
		model,
		streamed: stream !== false,
		usageWanted: true,
		thinks: false,
		tools: tools.flatMap((tool) => tool.function?.name ?? []),
		entries: messages.map(entryOf),
	};
}

function entryOf({ role, content = '' }: Message): Entry {
	if (role === 'tool') return { kind: 'result', text: content };
	return { kind: 'text', role: role === 'assistant' || role === 'user' ? role : 'system', text: content };
}

/** What the model wrote for a call that Ollama cannot read: it comes out as text. */
function unreadCalls({ calls }: Reply): string {
	return calls
		.filter((call) => !isJson(call.arguments))
		.map((call) => `{"name": "${call.name}", "parameters": ${call.arguments}`)
		.join('\n');
}

function messageOf(reply: Reply): object {
	const calls = reply.calls.filter((call) => isJson(call.arguments));
	return {
		role: 'assistant',
		content: reply.text + unreadCalls(reply),
		...(calls.length > 0 && {
			tool_calls: calls.map((call, index) => ({
				function: { index, name: call.name, arguments: argumentsObject(call.arguments) },
			})),
		}),
	};
}

function stream(reply: Reply, envelope: Envelope): Stream {
	const piece = (message: object) => `${JSON.stringify(line(envelope, { role: 'assistant', ...message }))}\n`;
	const calls = reply.calls.filter((call) => isJson(call.arguments));
	return {
		opening: [],
		pieces: [
			...inPieces(reply.text + unreadCalls(reply), textPieceLength).map((content) => piece({ content })),
			...calls.map((call, index) =>
				piece({
					content: '',
					tool_calls: [{ function: { index, name: call.name, arguments: argumentsObject(call.arguments) } }],
				}),
			),
		],
		closing: [
			`${JSON.stringify({ ...line(envelope, { role: 'assistant', content: '' }), ...ending(reply, envelope) })}\n`,
		],
	};
}

function line({ asked }: Envelope, message: object): object {
	return { model: asked.model, created_at: '2026-11-21T12:00:00.000000Z', message, done: false };
}

function ending({ end }: Reply, { usage }: Envelope): object {
	return {
		done: true,
		done_reason: end === 'length' ? 'length' : 'stop',
		total_duration: 5_000_000,
		load_duration: 1_000_000,
		prompt_eval_count: usage.input,
		prompt_eval_duration: 1_000_000,
		eval_count: usage.output,
		eval_duration: 3_000_000,
	};
}

function refusal(refusal: Refusal, model: string, retryAfterSeconds: number): ErrorReply {
	switch (refusal) {
		case 'overloaded':
			return error(503, 'server busy, please try again.  maximum pending requests exceeded');
		case 'rate_limited':
			return error(429, 'you have reached your hourly usage limit, please try again later', {
				'retry-after': String(retryAfterSeconds),
			});
		case 'quota_exhausted':
			return error(
				429,
				'you have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade',
			);
		case 'server_error':
			return error(500, 'llama runner process has terminated: exit status 2');
		case 'wrong_key':
			return error(401, 'unauthorized');
		case 'unknown_model':
			return error(404, `model '${model}' not found`);
		case 'context_too_long':
			return error(400, 'the prompt is longer than the context length currently available to the model');
	}
}

function error(status: number, message: string, headers: Readonly<Record<string, string>> = {}): ErrorReply {
	return { status, headers, body: { error: message } };
}
