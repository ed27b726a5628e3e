import { readServerSentEvents } from '../http/event-stream';
import type { StreamFormat } from '../http/live-exchange';
import { at } from '../json/json-path';
import { asRecord, asString, parseJson } from '../json/json-reader';

type Block = Record<string, unknown>;

/** Anthropic's stream events: content blocks that start, grow and stop, and metadata of the whole message. */
export const messagesStream: StreamFormat = {
	read: readServerSentEvents,
	textIn(event) {
		return at(event, 'delta', 'type') === 'text_delta' ? (asString(at(event, 'delta', 'text')) ?? '') : '';
	},
	whole(events) {
		let message: Readonly<Record<string, unknown>> | undefined;
		// By index, in a map: an array would be as long as the largest index that a server names.
		const blocks = new Map<unknown, Block>();
		for (const event of events) {
			switch (at(event, 'type')) {
				case 'message_start':
					message = asRecord(at(event, 'message'));
					break;
				case 'content_block_start':
					blocks.set(at(event, 'index'), { ...asRecord(at(event, 'content_block')) });
					break;
				case 'content_block_delta':
					grow(blocks.get(at(event, 'index')), asRecord(at(event, 'delta')));
					break;
				case 'message_delta':
					message = {
						...message,
						...asRecord(at(event, 'delta')),
						usage: { ...asRecord(message?.['usage']), ...asRecord(at(event, 'usage')) },
					};
					break;
				case 'message_stop':
					return { ...message, content: [...blocks.values()].map(finished) };
			}
		}
		return undefined;
	},
};

function grow(block: Block | undefined, delta: Readonly<Record<string, unknown>> | undefined): void {
	if (block === undefined || delta === undefined) return;
	const add = (name: string, piece: unknown) => {
		block[name] = (asString(block[name]) ?? '') + (asString(piece) ?? '');
	};
	switch (delta['type']) {
		case 'text_delta':
			return add('text', delta['text']);
		case 'thinking_delta':
			return add('thinking', delta['thinking']);
		case 'signature_delta':
			return add('signature', delta['signature']);
		case 'input_json_delta':
			return add('partialInput', delta['partial_json']);
	}
}

/**
 * Replaces the collected JSON fragments of a tool call by the parsed value. Invalid JSON stays text and is rejected
 * later, by the check of the call's arguments.
 */
function finished({ partialInput, ...block }: Block): Block {
	const text = asString(partialInput) ?? '';
	return text === '' ? block : { ...block, input: parseJson(text) ?? text };
}
