import type { LiveReader } from '../../engine/live-text';
import { at } from '../json/json-path';
import type { Redactor } from '../redaction/key-echo';
import type { EventStream } from './event-stream';
import { openExchange, type Exchange, type NetworkRules, type Received } from './transport';

/** How a vendor streams. */
export interface StreamFormat {
	/** Reads the pieces of a body. */
	read(onEvent: (event: unknown) => void): Promise<EventStream> | EventStream;
	/** The text of the answer in one event; empty: none. */
	textIn(event: unknown): string;
	/** The events put together to the reply that would have come whole; undefined: its end has not come. */
	whole(events: readonly unknown[]): unknown;
}

export interface LiveExchange extends Exchange {
	/** Whether to ask the server for a stream. */
	readonly isLive: boolean;
}

/**
 * Opens one HTTP request whose answer somebody may read along. What was received looks the same in both cases: a stream
 * that ended is the reply that would have come whole, and one that broke off is a broken connection, whatever its status
 * was.
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

function asWhole(received: Received, { events }: EventStream, format: StreamFormat): Received {
	// A server may answer without a stream all the same, and does so with errors.
	if (received.kind !== 'reply' || received.status >= 300 || received.json !== undefined) return received;
	const error = events.map((event) => at(event, 'error')).find((found) => found !== undefined && found !== null);
	if (error !== undefined) return { ...received, json: { error } };
	const json = format.whole(events);
	if (json !== undefined) return { ...received, json };
	if (events.length === 0) return received;
	const cut = Object.assign(new Error('The stream ended before the answer did'), { code: 'UND_ERR_SOCKET' });
	return { kind: 'broken', error: cut, status: received.status };
}
