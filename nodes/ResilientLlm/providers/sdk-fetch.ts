import type { Exchange } from './transport';

/** Longer than any call may take: the attempt's signal keeps the time, not the SDK. The longest a timer can run. */
export const noSdkTimeoutMs = 2 ** 31 - 1;

export const userAgent = 'n8n-nodes-resilient-llm';

/**
 * The exchange's `fetch`, sending these headers and none of the SDK's own: an SDK mixes in what the host's environment
 * holds (`OPENAI_CUSTOM_HEADERS`, `ANTHROPIC_CUSTOM_HEADERS`). Its signal is left out too, as it only serves its timeout.
 */
export function fetchWith(headers: Readonly<Record<string, string>>, exchange: Exchange): typeof globalThis.fetch {
	return (input, init) => {
		const contentType = init?.body ? { 'content-type': 'application/json' } : {};
		return exchange.fetch(input, { ...init, headers: { ...headers, ...contentType }, signal: null });
	};
}

/** What was thrown, or undefined. What the SDK returns does not matter: the exchange has recorded the reply. */
export async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
	try {
		await call();
		return undefined;
	} catch (error) {
		return error;
	}
}
