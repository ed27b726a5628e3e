import type { Conversation, Entry } from '../conversation.ts';
import type { Reply } from '../reply.ts';
import {
	argumentsObject,
	argumentsPieceLength,
	inPieces,
	textPieceLength,
	type Envelope,
	type ErrorReply,
	type Protocol,
	type Refusal,
	type Stream,
} from './protocol.ts';
import { signThinking } from '../vendor-rules.ts';

interface Request {
	readonly model?: string;
	readonly stream?: boolean;
	readonly thinking?: { readonly type: string };
	readonly system?: string | readonly Block[];
	readonly messages?: readonly { readonly role: 'user' | 'assistant'; readonly content: string | readonly Block[] }[];
	readonly tools?: readonly { readonly name: string }[];
}

interface Block {
	readonly type: string;
	readonly text?: string;
	readonly content?: string | readonly Block[];
}

/** Anthropic's Messages API. */
export const anthropic: Protocol = {
	path: /^\/v1\/messages$/,
	streamType: 'text/event-stream; charset=utf-8',
	read,
	whole,
	stream,
	refusal,
};

function read(_path: string, body: string): Conversation | undefined {
	const { model, stream, thinking, system, messages, tools = [] } = JSON.parse(body) as Request;
	if (model === undefined || messages === undefined) return undefined;
	const instructions = textOf(system);
	return {
		model,
		streamed: stream === true,
		usageWanted: true,
		thinks: thinking?.type === 'enabled' || thinking?.type === 'adaptive',
		tools: tools.map((tool) => tool.name),
		entries: [
			...(instructions === '' ? [] : [{ kind: 'text', role: 'system', text: instructions } as const]),
			...messages.flatMap(({ role, content }) =>
				typeof content === 'string'
					? [{ kind: 'text', role, text: content } as const]
					: content.flatMap((block) => entryOf(role, block)),
			),
		],
	};
}

function entryOf(role: 'user' | 'assistant', { type, text = '', content }: Block): readonly Entry[] {
	switch (type) {
		case 'text':
			return [{ kind: 'text', role, text }];
		case 'tool_result':
			return [{ kind: 'result', text: textOf(content) }];
		default:
			return [];
	}
}

function textOf(content: string | readonly Block[] | undefined): string {
	return typeof content === 'string' ? content : (content ?? []).map((block) => block.text ?? '').join('');
}

function whole(reply: Reply, envelope: Envelope): object {
	const usage = { ...inputUsage(envelope), output_tokens: envelope.usage.output };
	return {
		...message(envelope),
		content: blocksOf(reply, envelope),
		stop_reason: stopReason(reply),
		stop_sequence: null,
		usage,
	};
}

function blocksOf(reply: Reply, { asked, request, number }: Envelope): readonly object[] {
	// A refusal has no words: the vendor's classifier spoke, not the model.
	if (reply.end === 'refused') return [];
	return [
		...(asked.thinks ? [{ type: 'thinking', thinking: '', signature: signThinking(request, '') }] : []),
		...(reply.text === '' ? [] : [{ type: 'text', text: reply.text }]),
		...reply.calls.map((call, index) => ({
			type: 'tool_use',
			id: callId(number, index),
			name: call.name,
			input: argumentsObject(call.arguments),
		})),
	];
}

function stream(reply: Reply, envelope: Envelope): Stream {
	const { asked, request, number } = envelope;
	const start = {
		...message(envelope),
		content: [],
		stop_reason: null,
		stop_sequence: null,
		usage: { ...inputUsage(envelope), output_tokens: 1 },
	};
	const opening = [event('message_start', { message: start })];
	const pieces: string[] = [];
	let index = 0;
	if (reply.end !== 'refused') {
		if (asked.thinks) {
			// Claude 5 and later show no thoughts unless asked for a summary; they sign them all the same.
			const block = { type: 'thinking', thinking: '', signature: '' };
			const signature = { type: 'signature_delta', signature: signThinking(request, '') };
			opening.push(...blockEvents(index++, block, [signature]));
		}
		if (reply.text !== '') {
			const words = inPieces(reply.text, textPieceLength).map((text) => ({ type: 'text_delta', text }));
			pieces.push(...blockEvents(index++, { type: 'text', text: '' }, words));
		}
		for (const [position, call] of reply.calls.entries()) {
			const block = { type: 'tool_use', id: callId(number, position), name: call.name, input: {} };
			const parts = ['', ...inPieces(call.arguments, argumentsPieceLength)].map((partial_json) => ({
				type: 'input_json_delta',
				partial_json,
			}));
			pieces.push(...blockEvents(index++, block, parts));
		}
	}
	// The first block's start, and the last one's stop, are no words of the model.
	const firstStart = pieces.splice(0, 1);
	const lastStop = pieces.splice(-1, 1);
	const delta = {
		delta: { stop_reason: stopReason(reply), stop_sequence: null },
		usage: { ...inputUsage(envelope), output_tokens: envelope.usage.output },
	};
	return {
		opening: [...opening, ...firstStart, event('ping', {})],
		pieces,
		closing: [...lastStop, event('message_delta', delta), event('message_stop', {})],
	};
}

function blockEvents(index: number, content_block: object, deltas: readonly object[]): readonly string[] {
	return [
		event('content_block_start', { index, content_block }),
		...deltas.map((delta) => event('content_block_delta', { index, delta })),
		event('content_block_stop', { index }),
	];
}

function message({ asked, number }: Envelope) {
	return { id: `msg_${String(number).padStart(24, '0')}`, type: 'message', role: 'assistant', model: asked.model };
}

function inputUsage({ usage }: Envelope) {
	return { input_tokens: usage.input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
}

function stopReason({ end, calls }: Reply): string {
	if (end === 'length') return 'max_tokens';
	if (end === 'refused') return 'refusal';
	return calls.length > 0 ? 'tool_use' : 'end_turn';
}

function callId(number: number, index: number): string {
	return `toolu_${String(number).padStart(20, '0')}${String(index).padStart(4, '0')}`;
}

function event(type: string, data: object): string {
	return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function refusal(refusal: Refusal, model: string, retryAfterSeconds: number): ErrorReply {
	switch (refusal) {
		case 'overloaded':
			return error(529, 'overloaded_error', 'Overloaded');
		case 'rate_limited':
			return error(
				429,
				'rate_limit_error',
				'This request would exceed your organization’s rate limit of 50 requests per minute.',
				{
					'retry-after': String(retryAfterSeconds),
					'anthropic-ratelimit-requests-remaining': '0',
				},
			);
		case 'quota_exhausted':
			return error(
				400,
				'invalid_request_error',
				'Your credit balance is too low to access the Anthropic API. Please go to Plans & ' +
					'Billing to upgrade or purchase credits.',
			);
		case 'server_error':
			return error(500, 'api_error', 'Internal server error');
		case 'wrong_key':
			return error(401, 'authentication_error', 'invalid x-api-key');
		case 'unknown_model':
			return error(404, 'not_found_error', `model: ${model}`);
		case 'context_too_long':
			return error(400, 'invalid_request_error', 'prompt is too long: 2000000 tokens > 1000000 maximum');
	}
}

function error(
	status: number,
	type: string,
	message: string,
	headers: Readonly<Record<string, string>> = {},
): ErrorReply {
	return { status, headers, body: { type: 'error', error: { type, message }, request_id: 'req_simulated' } };
}
