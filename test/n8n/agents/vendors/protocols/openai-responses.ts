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
	readonly instructions?: string | null;
	readonly input?: string | readonly Item[];
	readonly tools?: readonly { readonly name?: string }[];
}

interface Item {
	readonly type?: string;
	readonly role?: string;
	readonly content?: string | readonly { readonly text?: string }[];
	readonly output?: string | readonly { readonly text?: string }[];
}

/** OpenAI's Responses API, which n8n's OpenAI Chat Model uses unless it is told otherwise. */
export const openAiResponses: Protocol = {
	path: /\/responses$/,
	streamType: 'text/event-stream; charset=utf-8',
	read,
	whole: (reply, envelope) => responseOf(envelope, ending(reply), outputOf(reply, envelope)),
	stream,
	refusal: (refusal, model, retryAfterSeconds) =>
		openAiRefusal(
			refusal,
			model,
			retryAfterSeconds,
			'Your input exceeds the context window of this model. Please adjust your input and try again.',
		),
};

function read(_path: string, body: string): Conversation | undefined {
	const { model, stream, instructions, input, tools = [] } = JSON.parse(body) as Request;
	if (model === undefined || input === undefined) return undefined;
	const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
	const system: readonly Entry[] = instructions ? [{ kind: 'text', role: 'system', text: instructions }] : [];
	return {
		model,
		streamed: stream === true,
		usageWanted: true,
		thinks: false,
		tools: tools.flatMap((tool) => tool.name ?? []),
		entries: [...system, ...items.flatMap(entriesOf)],
	};
}

function entriesOf({ type, role, content, output }: Item): readonly Entry[] {
	if (type === 'function_call_output') return [{ kind: 'result', text: textOf(output) }];
	if (role === undefined) return [];
	const speaker = role === 'assistant' || role === 'user' ? role : 'system';
	return [{ kind: 'text', role: speaker, text: textOf(content) }];
}

function textOf(content: Item['content']): string {
	return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
}

/** How the response as a whole ended, in the vendor's three fields. */
interface Ending {
	readonly status: 'in_progress' | 'completed' | 'incomplete';
	readonly incomplete_details: { readonly reason: 'max_output_tokens' } | null;
	readonly completed_at: number | null;
}

const underWay: Ending = { status: 'in_progress', incomplete_details: null, completed_at: null };

function ending({ end }: Reply): Ending {
	if (end === 'length')
		return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, completed_at: null };
	return { status: 'completed', incomplete_details: null, completed_at: 1_795_000_001 };
}

function responseOf({ asked, number, usage }: Envelope, end: Ending, output: readonly object[]): object {
	return {
		id: `resp_${String(number).padStart(24, '0')}`,
		object: 'response',
		created_at: 1_795_000_000,
		...end,
		background: false,
		error: null,
		instructions: null,
		max_output_tokens: null,
		model: asked.model,
		output,
		parallel_tool_calls: true,
		previous_response_id: null,
		reasoning: { effort: null, summary: null },
		service_tier: 'default',
		store: true,
		temperature: 1,
		text: { format: { type: 'text' }, verbosity: 'medium' },
		tool_choice: 'auto',
		tools: [],
		top_p: 1,
		truncation: 'disabled',
		usage: end.status === 'in_progress' ? null : usageOf(usage),
		user: null,
		metadata: {},
	};
}

function outputOf(reply: Reply, { number }: Envelope): readonly object[] {
	const message = hasMessage(reply) ? [messageItem(reply, number, true)] : [];
	return [...message, ...reply.calls.map((_, index) => callItem(reply, number, index, true))];
}

function hasMessage(reply: Reply): boolean {
	return reply.calls.length === 0 || reply.text !== '';
}

function messageItem(reply: Reply, number: number, finished: boolean): object {
	const content = finished ? [partOf(reply, reply.text)] : [];
	return { id: `msg_${number}`, type: 'message', status: statusOf(reply, finished), role: 'assistant', content };
}

function partOf({ end }: Reply, text: string): object {
	return end === 'refused'
		? { type: 'refusal', refusal: text }
		: { type: 'output_text', annotations: [], logprobs: [], text };
}

function callItem(reply: Reply, number: number, index: number, finished: boolean): object {
	const call = reply.calls[index];
	return {
		id: `fc_${number}_${index}`,
		type: 'function_call',
		status: statusOf(reply, finished),
		arguments: finished ? call?.arguments : '',
		call_id: `call_${String(number).padStart(20, '0')}${String(index).padStart(4, '0')}`,
		name: call?.name,
	};
}

function statusOf({ end }: Reply, finished: boolean): string {
	if (!finished) return 'in_progress';
	return end === 'length' ? 'incomplete' : 'completed';
}

function stream(reply: Reply, envelope: Envelope): Stream {
	const { number } = envelope;
	let sent = 0;
	const event = (type: string, data: object) =>
		`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sent++, ...data })}\n\n`;
	const opening = [
		event('response.created', { response: responseOf(envelope, underWay, []) }),
		event('response.in_progress', { response: responseOf(envelope, underWay, []) }),
	];
	const pieces: string[] = [];
	const closing: string[] = [];
	let index = 0;
	if (hasMessage(reply)) {
		const place = { item_id: `msg_${number}`, output_index: index++, content_index: 0 };
		const [kind, field, more] =
			reply.end === 'refused' ? ['refusal', 'refusal', {}] : ['output_text', 'text', { logprobs: [] }];
		opening.push(
			event('response.output_item.added', {
				output_index: place.output_index,
				item: messageItem(reply, number, false),
			}),
		);
		opening.push(event('response.content_part.added', { ...place, part: partOf(reply, '') }));
		pieces.push(
			...inPieces(reply.text, textPieceLength).map((delta) =>
				event(`response.${kind}.delta`, { ...place, delta, ...more }),
			),
		);
		const last = reply.calls.length > 0 ? pieces : closing;
		last.push(event(`response.${kind}.done`, { ...place, [field]: reply.text, ...more }));
		last.push(event('response.content_part.done', { ...place, part: partOf(reply, reply.text) }));
		last.push(
			event('response.output_item.done', { output_index: place.output_index, item: messageItem(reply, number, true) }),
		);
	}
	for (const [position, call] of reply.calls.entries()) {
		const place = { item_id: `fc_${number}_${position}`, output_index: index++ };
		const first = pieces.length === 0 ? opening : pieces;
		const last = position === reply.calls.length - 1 ? closing : pieces;
		first.push(
			event('response.output_item.added', {
				output_index: place.output_index,
				item: callItem(reply, number, position, false),
			}),
		);
		pieces.push(
			...inPieces(call.arguments, argumentsPieceLength).map((delta) =>
				event('response.function_call_arguments.delta', { ...place, delta }),
			),
		);
		last.push(event('response.function_call_arguments.done', { ...place, arguments: call.arguments }));
		last.push(
			event('response.output_item.done', {
				output_index: place.output_index,
				item: callItem(reply, number, position, true),
			}),
		);
	}
	const final = reply.end === 'length' ? 'response.incomplete' : 'response.completed';
	closing.push(event(final, { response: responseOf(envelope, ending(reply), outputOf(reply, envelope)) }));
	return { opening, pieces, closing };
}

function usageOf({ input, output }: Usage): object {
	return {
		input_tokens: input,
		input_tokens_details: { cached_tokens: 0 },
		output_tokens: output,
		output_tokens_details: { reasoning_tokens: 0 },
		total_tokens: input + output,
	};
}
