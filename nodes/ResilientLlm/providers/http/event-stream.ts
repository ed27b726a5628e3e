import { lazy } from '../lazy';
import { parseJson } from '../json/json-reader';

/** What a server has sent so far, message by message. */
export interface EventStream {
	/** Takes the next piece of the body, cut anywhere. */
	feed(piece: string): void;
	/** Parsed, in their order; what is no JSON, such as OpenAI's `[DONE]`, as its text. */
	readonly events: readonly unknown[];
}

const loadParser = lazy(async () => await import('eventsource-parser'));

/** Reads server-sent events. `onEvent` is told of each as soon as it is whole. */
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

/** Reads one JSON value per line, as Ollama sends them. */
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
