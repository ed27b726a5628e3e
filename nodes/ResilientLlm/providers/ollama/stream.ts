import { readLines } from '../http/event-stream';
import type { StreamFormat } from '../http/live-exchange';
import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';

/**
 * Ollama's stream: every line is a reply with the next piece of the message; the last has `done` and the token counts.
 */
export const chatLines: StreamFormat = {
	read: readLines,
	textIn: (event) => asString(at(event, 'message', 'content')) ?? '',
	whole(events) {
		const end = events.find((event) => at(event, 'done') === true);
		if (end === undefined) return undefined;
		const said = (name: string) => events.map((event) => asString(at(event, 'message', name)) ?? '').join('');
		const calls = events.flatMap((event) => asArray(at(event, 'message', 'tool_calls')) ?? []);
		const thinking = said('thinking');
		const message = {
			role: 'assistant',
			content: said('content'),
			...(thinking !== '' && { thinking }),
			...(calls.length > 0 && { tool_calls: calls }),
		};
		return { ...asRecord(end), message };
	},
};
