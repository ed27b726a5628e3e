import { readServerSentEvents } from '../http/event-stream';
import type { StreamFormat } from '../http/live-exchange';
import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';

type Fields = Record<string, unknown>;

/**
 * The stream of chat completions: pieces of the message of one choice, then its `finish_reason`, then the usage. The
 * `finish_reason` marks the end, as many compatible servers do not send the final `[DONE]`.
 */
export const chatStream: StreamFormat = {
	read: readServerSentEvents,
	textIn: (event) => asString(at(event, 'choices', 0, 'delta', 'content')) ?? '',
	whole(events) {
		const chunks = events.filter((event) => asRecord(event) !== undefined);
		const finishReason = chunks.map((chunk) => asString(at(chunk, 'choices', 0, 'finish_reason'))).findLast(isSaid);
		if (finishReason === undefined) return undefined;
		const message: Fields = { role: 'assistant', content: '' };
		// By index, in a map: an array would be as long as the largest index that a server names.
		const calls = new Map<number, Fields>();
		for (const chunk of chunks) {
			const delta = asRecord(at(chunk, 'choices', 0, 'delta')) ?? {};
			for (const name of ['content', 'refusal', 'reasoning_content', 'reasoning']) append(message, name, delta[name]);
			for (const piece of asArray(delta['tool_calls']) ?? []) addToCall(calls, piece);
		}
		// Fields such as `id` and `model` are in every chunk, the usage only in the last.
		const common = Object.assign({}, ...chunks.map(saidIn)) as Fields;
		const toolCalls = [...calls.values()];
		return {
			...common,
			choices: [
				{
					index: 0,
					finish_reason: finishReason,
					message: { ...message, ...(toolCalls.length > 0 && { tool_calls: toolCalls }) },
				},
			],
		};
	},
};

function isSaid(word: string | undefined): boolean {
	return word !== undefined;
}

function saidIn(chunk: unknown): Fields {
	return Object.fromEntries(Object.entries(asRecord(chunk) ?? {}).filter(([, value]) => value !== null));
}

function append(fields: Fields, name: string, piece: unknown): void {
	const text = asString(piece);
	if (text !== undefined) fields[name] = (asString(fields[name]) ?? '') + text;
}

/**
 * Adds a piece to its tool call. Pieces of one call share an index; servers that send each call in one piece may omit
 * the index.
 */
function addToCall(calls: Map<number, Fields>, piece: unknown): void {
	const given = at(piece, 'index');
	const index = typeof given === 'number' ? given : calls.size;
	const call: Fields = calls.get(index) ?? { type: 'function', function: {} };
	calls.set(index, call);
	const inner = call['function'] as Fields;
	const id = asString(at(piece, 'id'));
	if (id !== undefined && id !== '') call['id'] = id;
	const name = asString(at(piece, 'function', 'name'));
	if (name !== undefined && name !== '') inner['name'] = name;
	append(inner, 'arguments', at(piece, 'function', 'arguments'));
}
