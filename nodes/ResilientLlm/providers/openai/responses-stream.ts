import { readServerSentEvents } from '../http/event-stream';
import type { StreamFormat } from '../http/live-exchange';
import { at } from '../json/json-path';
import { asString } from '../json/json-reader';

const ends: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** The stream of the Responses API: its last event holds the complete response. */
export const responsesStream: StreamFormat = {
	read: readServerSentEvents,
	textIn: (event) => (at(event, 'type') === 'response.output_text.delta' ? (asString(at(event, 'delta')) ?? '') : ''),
	whole(events) {
		const end = events.find((event) => ends.has(at(event, 'type')));
		return end === undefined ? undefined : at(end, 'response');
	},
};
