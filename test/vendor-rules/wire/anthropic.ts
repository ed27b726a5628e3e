import { signThinking } from '../anthropic/thinking';
import { listOf, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { piecesOf, uniqueName, usualUsage, type ScriptedReply } from './scripted-reply';

export function anthropicReply(reply: ScriptedReply, request: JsonObject): JsonObject {
	const { text = '', calls = [], reasoning, finish } = reply;
	const { input, output, reasoning: thinking, cacheRead, cacheWritten } = { ...usualUsage, ...reply.usage };
	// Claude 5 and later give thinking without its text unless asked for a summary.
	const shown = objectOf(request['thinking'])['display'] === 'summarized' ? (reasoning ?? '') : '';
	const thought = { type: 'thinking', thinking: shown, signature: signThinking(request, shown) };
	return {
		id: `msg_01${uniqueName(22)}`,
		type: 'message',
		role: 'assistant',
		model: request['model'],
		content: [
			...(reasoning === undefined ? [] : [thought]),
			...(text === '' ? [] : [{ type: 'text', text, citations: null }]),
			...calls.map(({ name, args }) => ({
				type: 'tool_use',
				id: `toolu_01${uniqueName(22)}`,
				name,
				input: args,
			})),
		],
		stop_reason:
			finish === 'length'
				? 'max_tokens'
				: finish === 'refusal'
					? 'refusal'
					: calls.length > 0
						? 'tool_use'
						: 'end_turn',
		stop_sequence: null,
		stop_details: finish === 'refusal' ? { type: 'refusal', category: 'cyber', explanation: null } : null,
		usage: {
			input_tokens: input - cacheRead - cacheWritten,
			cache_creation_input_tokens: cacheWritten,
			cache_read_input_tokens: cacheRead,
			cache_creation: { ephemeral_5m_input_tokens: cacheWritten, ephemeral_1h_input_tokens: 0 },
			output_tokens: output,
			output_tokens_details: { thinking_tokens: thinking },
			service_tier: 'standard',
		},
	};
}

/** "Streaming messages" on platform.claude.com. */
export function* anthropicEvents(reply: JsonObject): Generator<JsonObject, void> {
	const { content, stop_reason, stop_sequence, stop_details, usage } = reply;
	const begun = { ...objectOf(usage), output_tokens: 1 };
	const opening = { ...reply, content: [], stop_reason: null, stop_sequence: null, stop_details: null, usage: begun };
	yield { type: 'message_start', message: opening };
	yield { type: 'ping' };
	for (const [index, block] of objectsOf(content)) {
		yield { type: 'content_block_start', index, content_block: emptied(block) };
		for (const delta of deltasOf(block)) yield { type: 'content_block_delta', index, delta };
		yield { type: 'content_block_stop', index };
	}
	const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = objectOf(usage);
	yield {
		type: 'message_delta',
		delta: { stop_reason, stop_sequence, stop_details },
		usage: { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens },
	};
	yield { type: 'message_stop' };
}

function emptied(block: JsonObject): JsonObject {
	switch (block['type']) {
		case 'text':
			return { ...block, text: '' };
		case 'thinking':
			return { ...block, thinking: '', signature: '' };
		case 'tool_use':
			return { ...block, input: {} };
		default:
			return block;
	}
}

function* deltasOf(block: JsonObject): Generator<JsonObject, void> {
	switch (block['type']) {
		case 'text':
			for (const text of piecesOf(textOf(block['text']))) yield { type: 'text_delta', text };
			return;
		case 'thinking':
			for (const thinking of piecesOf(textOf(block['thinking']))) yield { type: 'thinking_delta', thinking };
			yield { type: 'signature_delta', signature: block['signature'] };
			return;
		case 'tool_use': {
			// The first piece is always empty; a call without arguments has no other.
			const json = Object.keys(objectOf(block['input'])).length === 0 ? '' : JSON.stringify(block['input']);
			for (const partial_json of ['', ...piecesOf(json)]) yield { type: 'input_json_delta', partial_json };
			return;
		}
		default:
			return;
	}
}

export function anthropicError(message: string, status: number): JsonObject {
	const type = status === 413 ? 'request_too_large' : 'invalid_request_error';
	return { type: 'error', error: { type, message }, request_id: `req_011${uniqueName(21)}` };
}

export function namedEvents(events: Iterable<JsonObject>): readonly string[] {
	return listOf([...events]).map((event) => {
		const { type } = objectOf(event);
		return `event: ${textOf(type)}\ndata: ${JSON.stringify(event)}\n\n`;
	});
}
