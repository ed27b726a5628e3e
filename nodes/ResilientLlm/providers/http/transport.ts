import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';

import type { Account } from './account';
import { decoded } from './content-encoding';
import { dispatcherFor, undici } from './dispatchers';
import type { Redactor } from '../redaction/key-echo';

/** What the host allows to be called. */
export interface NetworkRules {
	/** Why this URL may not be called, or undefined when it may. Asked before every call. */
	readonly refuse?: (url: URL) => Promise<string | undefined>;
	/** A DNS lookup that refuses forbidden addresses at connect time. Used for direct connections, not for proxies. */
	readonly lookup?: LookupFunction;
}

/** Everything an adapter needs to reach its vendor. */
export interface ProviderSettings extends Account {
	readonly baseUrl: string;
	readonly organization?: string;
	readonly network: NetworkRules;
}

/** An HTTP reply, read to its end. */
export interface Reply {
	readonly kind: 'reply';
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** Undefined when the body is not JSON. */
	readonly json: unknown;
}

/** What came of one HTTP request. */
export type Received =
	| Reply
	/** A 3xx. It is never followed: the target would get the credential. */
	| { readonly kind: 'redirect'; readonly status: number; readonly host: string | undefined }
	/** The body passed `maxReplyBytes` and was cut off. */
	| { readonly kind: 'oversize'; readonly status: number }
	/** Nothing was sent: the URL is unusable, or the host forbids it. */
	| { readonly kind: 'refused'; readonly why: string }
	/** The connection failed or the signal fired; `status` is there when the headers had come. */
	| { readonly kind: 'broken'; readonly error: unknown; readonly status: number | undefined };

export interface Exchange {
	/** A `fetch` for one request. It returns when the whole body is read, and refuses to be called again. */
	readonly fetch: typeof globalThis.fetch;
	/** Undefined until `fetch` has settled. */
	readonly received: Received | undefined;
}

/** Bytes after decompression. Far above any answer a model can write, far below what hurts the host. */
export const maxReplyBytes = 20 * 1024 * 1024;

/**
 * Opens one HTTP request. `signal` is the only clock: it ends the request, the reply's body included. `redact` is
 * applied to all that the server says, before anyone reads it.
 */
export function openExchange(
	network: NetworkRules,
	signal: AbortSignal,
	redact: Redactor = (text) => text,
	/** Told each piece of a good reply's body as it comes, before the whole is read. */
	tap?: (piece: string) => void,
): Exchange {
	let used = false;
	let received: Received | undefined;
	return {
		async fetch(input, init) {
			if (used) throw new Error('This exchange has made its one request');
			used = true;
			received = await exchangeOnce({ network, ownSignal: signal, redact, tap }, input, init ?? {});
			return asResponse(received);
		},
		get received() {
			return received;
		},
	};
}

interface ExchangeRules {
	readonly network: NetworkRules;
	readonly ownSignal: AbortSignal;
	readonly redact: Redactor;
	readonly tap: ((piece: string) => void) | undefined;
}

async function exchangeOnce(
	{ network, ownSignal, redact, tap }: ExchangeRules,
	input: Parameters<typeof globalThis.fetch>[0],
	init: RequestInit,
): Promise<Received> {
	const target = typeof input === 'string' || input instanceof URL ? String(input) : input.url;
	const url = URL.canParse(target) ? new URL(target) : undefined;
	if (url === undefined) return { kind: 'refused', why: 'The base URL is not a URL' };
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		// Without a scheme, what stands before the first colon may be the user's name.
		return { kind: 'refused', why: 'The base URL must start with https:// or http://' };
	}
	const signal = init.signal ? AbortSignal.any([ownSignal, init.signal]) : ownSignal;
	let status: number | undefined;
	try {
		signal.throwIfAborted();
		const why = network.refuse && (await orAborted(network.refuse(url), signal));
		if (why !== undefined) return { kind: 'refused', why };

		const { request } = await undici();
		const options = {
			method: init.method === 'POST' ? ('POST' as const) : ('GET' as const),
			headers: headerRecord(init.headers),
			body: await sendableBody(init.body),
			signal,
			dispatcher: await dispatcherFor(url, network.lookup),
		};
		// undici looks at the signal again only when the connection is open, or has failed to.
		const response = await orAborted(request(url, options), signal);
		status = response.statusCode;
		const headers = new Headers();
		for (const [name, value] of Object.entries(response.headers)) {
			for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, redact(one));
		}
		if (status >= 300 && status < 400) {
			discard(response.body);
			return { kind: 'redirect', status, host: redirectHost(headers.get('location'), url) };
		}
		const stream = decoded(response.body, headers.get('content-encoding'));
		const body = await readBounded(stream, status < 300 ? tap : undefined);
		if (body === undefined) return { kind: 'oversize', status };
		const text = redact(new TextDecoder().decode(body));
		return { kind: 'reply', status, headers, text, json: parsed(text) };
	} catch (error) {
		return { kind: 'broken', error, status };
	}
}

/** Undefined when the body is larger than `maxReplyBytes`; the stream is closed as soon as that is known. */
async function readBounded(body: Readable, tap: ((piece: string) => void) | undefined): Promise<Buffer | undefined> {
	const chunks: Buffer[] = [];
	const decoder = new TextDecoder();
	let size = 0;
	for await (const chunk of body as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > maxReplyBytes) {
			discard(body);
			return undefined;
		}
		chunks.push(chunk);
		tap?.(decoder.decode(chunk, { stream: true }));
	}
	return Buffer.concat(chunks, size);
}

function discard(body: Readable): void {
	body.on('error', () => undefined);
	body.destroy();
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	let abort = () => {};
	const aborted = new Promise<never>((_, reject) => {
		abort = () => reject(signal.reason);
	});
	signal.addEventListener('abort', abort, { once: true });
	try {
		return await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}

/** Ours come as a plain record; only an SDK that goes its own way would bring another form. */
function headerRecord(headers: RequestInit['headers']): Readonly<Record<string, string>> {
	const isPlain = headers !== undefined && Object.getPrototypeOf(headers) === Object.prototype;
	return isPlain ? (headers as Record<string, string>) : Object.fromEntries(new Headers(headers));
}

async function sendableBody(body: RequestInit['body']): Promise<string | Uint8Array | null> {
	if (body === undefined || body === null || typeof body === 'string') return body ?? null;
	return new Uint8Array(await new Response(body).arrayBuffer());
}

function redirectHost(location: string | null, from: URL): string | undefined {
	if (location === null || !URL.canParse(location, from.href)) return undefined;
	return new URL(location, from).host;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const bodilessStatuses = new Set([204, 205, 304]);

function asResponse(received: Received): Response {
	switch (received.kind) {
		case 'reply': {
			const { status, text } = received;
			// Adapters read the reply from the exchange. So of a good one the SDK gets as little as it takes, and does not
			// read it again.
			const isRead = status >= 200 && status < 300 && !bodilessStatuses.has(status);
			if (isRead) return new Response('{}', { status, headers: { 'content-type': 'application/json' } });
			const headers = { 'content-type': received.headers.get('content-type') ?? 'text/plain' };
			if (status < 200 || status > 599) return new Response(text, { status: 502, headers });
			return new Response(bodilessStatuses.has(status) ? null : text, { status, headers });
		}
		case 'redirect':
			return new Response(null, { status: received.status });
		case 'oversize':
			throw new Error(`The reply is larger than ${maxReplyBytes / 1024 / 1024} MB`);
		case 'refused':
			throw new Error(received.why);
		case 'broken':
			throw received.error;
	}
}
