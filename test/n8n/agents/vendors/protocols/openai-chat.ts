import type { Conversation, Entry } from '../conversation.ts';
import type { Reply, Usage } from '../reply.ts';
import { openAiRefusal } from './openai-errors.ts';
import {
	argumentsPieceLength,
	inPieces,
	textPieceLength,
	type Envelope,
	type Protocol,
	type Stream,
} from './protocol.ts';

interface Request {
	readonly model?: string;
	readonly stream?: boolean;
	readonly stream_options?: { readonly include_usage?: boolean };
	readonly messages?: readonly Message[];
	readonly tools?: readonly { readonly function?: { readonly name: string } }[];
}

interface Message {
	readonly role: string;
	readonly content?: string | readonly { readonly text?: string }[] | null;
}

/** OpenAI's Chat Completions, and what other servers made of them. */
export const openAiChat: Protocol = {
	path: /\/chat\/completions$/,
	streamType: 'text/event-stream; charset=utf-8',
	read,
	whole,
	stream,
	refusal: (refusal, model, retryAfterSeconds) =>
		openAiRefusal(
			refusal,
			model,
			retryAfterSeconds,
			"This model's maximum context length is 1050000 tokens. However, your messages " +
				'resulted in 2000000 tokens. Please reduce the length of the messages.',
		),
};

function read(_path: string, body: string): Conversation | undefined {
	const { model, stream, stream_options, messages, tools = [] } = JSON.parse(body) as Request;
	if (model === undefined || messages === undefined) return undefined;
	return {
		model,
		streamed: stream === true,
		usageWanted: stream_options?.include_usage === true,
		thinks: false,
		tools: tools.flatMap((tool) => tool.function?.name ?? []),
		entries: messages.map(entryOf),
	};
}

function entryOf({ role, content }: Message): Entry {
	const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
	if (role === 'tool') return { kind: 'result', text };
	return { kind: 'text', role: role === 'assistant' || role === 'user' ? role : 'system', text };
}

function whole(reply: Reply, envelope: Envelope): object {
	const refused = reply.end === 'refused';
	const message = {
		role: 'assistant',
		content: refused || (reply.text === '' && reply.calls.length > 0) ? null : reply.text,
		refusal: refused ? reply.text : null,
		annotations: [],
		...(reply.calls.length > 0 && {
			tool_calls: reply.calls.map((call, index) => ({ id: callId(envelope, index), type: 'function', function: call })),
		}),
	};
	return {
		...common(envelope, 'chat.completion'),
		choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(reply) }],
		usage: usageOf(envelope.usage),
	};
}

function stream(reply: Reply, envelope: Envelope): Stream {
	const chunk = (delta: object, finish: string | null = null) =>
		event({
			...common(envelope, 'chat.completion.chunk'),
			choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
			...(envelope.asked.usageWanted && { usage: null }),
		});
	const opening = [
		chunk({ role: 'assistant', ...(reply.calls.length > 0 ? { content: null } : { content: '', refusal: null }) }),
	];
	const field = reply.end === 'refused' ? 'refusal' : 'content';
	const pieces = inPieces(reply.text, textPieceLength).map((text) => chunk({ [field]: text }));
	for (const [index, call] of reply.calls.entries()) {
		const named = {
			index,
			id: callId(envelope, index),
			type: 'function',
			function: { name: call.name, arguments: '' },
		};
		(index === 0 ? opening : pieces).push(chunk({ tool_calls: [named] }));
		pieces.push(
			...inPieces(call.arguments, argumentsPieceLength).map((text) =>
				chunk({ tool_calls: [{ index, function: { arguments: text } }] }),
			),
		);
	}
	const closing = [chunk({}, finishReason(reply))];
	if (envelope.asked.usageWanted)
		closing.push(event({ ...common(envelope, 'chat.completion.chunk'), choices: [], usage: usageOf(envelope.usage) }));
	return { opening, pieces, closing: [...closing, 'data: [DONE]\n\n'] };
}

function finishReason({ end, calls }: Reply): string {
	if (end === 'length') return 'length';
	return calls.length > 0 ? 'tool_calls' : 'stop';
}

function common({ asked, number }: Envelope, object: string) {
	return {
		id: `chatcmpl-${number}`,
		object,
		created: 1_795_000_000,
		model: asked.model,
		service_tier: 'default',
		system_fingerprint: 'fp_simulated',
	};
}

function callId({ number }: Envelope, index: number): string {
	return `call_${String(number).padStart(20, '0')}${String(index).padStart(4, '0')}`;
}

function usageOf({ input, output }: Usage) {
	return {
		prompt_tokens: input,
		completion_tokens: output,
		total_tokens: input + output,
		prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
		completion_tokens_details: {
			reasoning_tokens: 0,
			audio_tokens: 0,
			accepted_prediction_tokens: 0,
			rejected_prediction_tokens: 0,
		},
	};
}

function event(data: object): string {
	return `data: ${JSON.stringify(data)}\n\n`;
}
