import { lazy } from '../lazy';
import { parseJson } from '../json/json-reader';

/** The part of a streamed body received so far, split into events. */
export interface EventStream {
	/** Adds the next piece of the body. Pieces may end anywhere, even inside an event. */
	feed(piece: string): void;
	/** Tells that the body is complete, so that a last line without a line break counts as well. */
	end(): void;
	/** Parsed events in their order. An event that is not JSON, such as OpenAI's `[DONE]`, is kept as text. */
	readonly events: readonly unknown[];
}

const loadParser = lazy(async () => await import('eventsource-parser'));

/** Reads server-sent events (SSE). `onEvent` is called for each event as soon as it is complete. */
export async function readServerSentEvents(onEvent: (event: unknown) => void): Promise<EventStream> {
	const { createParser } = await loadParser();
	const events: unknown[] = [];
	const parser = createParser({
		onEvent({ data }) {
			add(events, data, onEvent);
		},
	});
	// An event without its blank line is incomplete by the standard, so there is nothing left to read at the end.
	return { feed: (piece) => void parser.feed(piece), end: () => undefined, events };
}

/** Reads one JSON value per line, the format of Ollama's streams. */
export function readLines(onEvent: (event: unknown) => void): EventStream {
	const events: unknown[] = [];
	// Joined only when the line is complete: joining at every piece would take quadratic time for a body of one line.
	let pieces: string[] = [];
	return {
		feed(piece) {
			const [first = '', ...more] = piece.split('\n');
			pieces.push(first);
			for (const next of more) {
				readLine();
				pieces.push(next);
			}
		},
		end: readLine,
		events,
	};

	function readLine(): void {
		const line = pieces.join('');
		pieces = [];
		if (line.trim() !== '') add(events, line, onEvent);
	}
}

function add(events: unknown[], text: string, onEvent: (event: unknown) => void): void {
	const event = parseJson(text) ?? text;
	events.push(event);
	onEvent(event);
}
