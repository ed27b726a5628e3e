import { lazy } from '../lazy';
import { parseJson } from '../json/json-reader';

/** The part of a streamed body received so far, split into events. */
export interface EventStream {
	/** Adds the next piece of the body. Pieces may end anywhere, even inside an event. */
	feed(piece: string): void;
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
	return { feed: (piece) => void parser.feed(piece), events };
}

/** Reads one JSON value per line, the format of Ollama's streams. */
export function readLines(onEvent: (event: unknown) => void): EventStream {
	const events: unknown[] = [];
	let rest = '';
	return {
		feed(piece) {
			const lines = (rest + piece).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) if (line.trim() !== '') add(events, line, onEvent);
		},
		events,
	};
}

function add(events: unknown[], text: string, onEvent: (event: unknown) => void): void {
	const event = parseJson(text) ?? text;
	events.push(event);
	onEvent(event);
}
