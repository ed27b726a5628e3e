import type { Exchange } from './transport';

/** Longer than any call may take: the attempt's signal keeps the time, not the SDK. The longest a timer can run. */
export const noSdkTimeoutMs = 2 ** 31 - 1;

export const userAgent = 'n8n-nodes-resilient-llm';

/** What an SDK hands to its `fetch` for one call: both SDKs pass on what their `fetchOptions` hold. */
interface WithExchange {
	readonly exchange?: Exchange;
	readonly ownHeaders?: Readonly<Record<string, string>>;
}

/**
 * Options of a call that goes through this exchange, with headers of its own. So one client serves all calls of an
 * account.
 */
export function through(
	exchange: Exchange,
	ownHeaders: Readonly<Record<string, string>> = {},
): { readonly fetchOptions: object } {
	return { fetchOptions: { exchange, ownHeaders } satisfies WithExchange };
}

/**
 * A `fetch` for an SDK's client, sending these headers and none of the SDK's own: an SDK mixes in what the host's
 * environment holds (`OPENAI_CUSTOM_HEADERS`, `ANTHROPIC_CUSTOM_HEADERS`). Its signal is left out too, as it only
 * serves its timeout.
 */
export function fetchWith(headers: Readonly<Record<string, string>>, onlyExchange?: Exchange): typeof globalThis.fetch {
	return (input, init) => {
		const { exchange = onlyExchange, ownHeaders, ...options } = (init ?? {}) as RequestInit & WithExchange;
		if (exchange === undefined) throw new Error('This call does not say which exchange it is');
		const contentType = options.body ? { 'content-type': 'application/json' } : {};
		return exchange.fetch(input, { ...options, headers: { ...headers, ...ownHeaders, ...contentType }, signal: null });
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
