import type { LiveReader } from '../../engine/live-text';
import { at } from '../json/json-path';
import type { Redactor } from '../redaction/key-echo';
import type { EventStream } from './event-stream';
import { openExchange, type Exchange, type NetworkRules, type Received } from './transport';

/** How a vendor streams an answer. */
export interface StreamFormat {
	/** Creates a reader for the pieces of a body. */
	read(onEvent: (event: unknown) => void): Promise<EventStream> | EventStream;
	/** The answer text in one event, or an empty string. */
	textIn(event: unknown): string;
	/**
	 * Combines all events into the reply that the server would have sent without streaming. Undefined if the stream is
	 * incomplete.
	 */
	whole(events: readonly unknown[]): unknown;
}

export interface LiveExchange extends Exchange {
	/** Whether to ask the server for a stream. */
	readonly isLive: boolean;
}

/**
 * Opens one HTTP request, streamed if somebody reads the answer live. `received` has the same form in both cases: a
 * complete stream becomes the reply that would have come without streaming, and an incomplete one a broken connection,
 * whatever its HTTP status was.
 */
export async function openLiveExchange(
	network: NetworkRules,
	signal: AbortSignal,
	redact: Redactor,
	format: StreamFormat,
	live: LiveReader | undefined,
): Promise<LiveExchange> {
	if (live === undefined) return Object.assign(openExchange(network, signal, redact), { isLive: false });
	const stream = await format.read((event) => {
		const text = format.textIn(event);
		if (text !== '') live(text);
	});
	const exchange = openExchange(network, signal, redact, stream.feed);
	return {
		isLive: true,
		fetch: exchange.fetch,
		get received() {
			return exchange.received && asWhole(exchange.received, stream, format);
		},
	};
}

function asWhole(received: Received, stream: EventStream, format: StreamFormat): Received {
	// A server may ignore the request to stream, and always does so for errors; then the reply is used as it is.
	if (received.kind !== 'reply' || received.status >= 300 || received.json !== undefined) return received;
	stream.end();
	const { events } = stream;
	const error = events.map((event) => at(event, 'error')).find((found) => found !== undefined && found !== null);
	if (error !== undefined) return { ...received, json: { error } };
	const json = format.whole(events);
	if (json !== undefined) return { ...received, json };
	if (events.length === 0) return received;
	const cut = Object.assign(new Error('The stream ended before the answer did'), { code: 'UND_ERR_SOCKET' });
	return { kind: 'broken', error: cut, status: received.status };
}
