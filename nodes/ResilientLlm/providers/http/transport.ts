import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';

import type { Account } from './account';
import { decoded } from './content-encoding';
import { dispatcherFor, undici } from './dispatchers';
import type { Redactor } from '../redaction/key-echo';

/** Which addresses n8n allows nodes to call. */
export interface NetworkRules {
	/** Returns why the URL may not be called, or undefined if it may. Called before every request. */
	readonly refuse?: (url: URL) => Promise<string | undefined>;
	/**
	 * A DNS lookup that rejects forbidden addresses when connecting. Only used for direct connections, not with a proxy.
	 */
	readonly lookup?: LookupFunction;
}

/** Everything a provider needs to call its vendor. */
export interface ProviderSettings extends Account {
	readonly baseUrl: string;
	readonly organization?: string;
	readonly network: NetworkRules;
}

/** A complete HTTP reply. */
export interface Reply {
	readonly kind: 'reply';
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** Undefined if the body is not JSON. */
	readonly json: unknown;
}

/** The result of one HTTP request. */
export type Received =
	| Reply
	/** A 3xx reply. Redirects are never followed, because the credential would be sent to the target. */
	| { readonly kind: 'redirect'; readonly status: number; readonly host: string | undefined }
	/** The body was larger than `maxReplyBytes`, so reading stopped. */
	| { readonly kind: 'oversize'; readonly status: number }
	/** Nothing was sent: the URL is invalid, or n8n does not allow it. */
	| { readonly kind: 'refused'; readonly why: string }
	/** The connection failed or the request was aborted. `status` is set if the headers had been received. */
	| { readonly kind: 'broken'; readonly error: unknown; readonly status: number | undefined };

export interface Exchange {
	/** A `fetch` for exactly one request; a second call throws. It resolves when the whole body has been read. */
	readonly fetch: typeof globalThis.fetch;
	/** Undefined until `fetch` has finished. */
	readonly received: Received | undefined;
}

/** 20 MiB after decompression: far more than any model writes, and not enough to harm the n8n process. */
export const maxReplyBytes = 20 * 1024 * 1024;

/**
 * Opens one HTTP request. `signal` is its only time limit and also aborts the reading of the body. `redact` is applied
 * to everything the server sends, before anything else reads it.
 */
export function openExchange(
	network: NetworkRules,
	signal: AbortSignal,
	redact: Redactor = (text) => text,
	/** Receives each piece of a successful reply's body as it arrives. */
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
		// The URL is not quoted: without a scheme, the part before the first colon may be a user name.
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
		// While connecting, undici does not react to the signal, so the request is raced against it.
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

/** Reads the body. Undefined if it is larger than `maxReplyBytes`; the stream is then closed at once. */
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

/** Our code passes headers as a plain object; the other forms are only supported in case an SDK uses them. */
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
			// Providers read the reply from the exchange, not from the SDK. For a success the SDK gets an empty JSON object,
			// so that it does not parse the body a second time.
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
