import type { Exchange } from './transport';

/**
 * Milliseconds; the longest delay of a JavaScript timer. It disables the SDK's timeout: the attempt's abort signal
 * limits the time.
 */
export const noSdkTimeoutMs = 2 ** 31 - 1;

export const userAgent = 'n8n-nodes-resilient-llm';

/** Extra options that both SDKs pass from a call's `fetchOptions` to their `fetch`. */
interface WithExchange {
	readonly exchange?: Exchange;
	readonly ownHeaders?: Readonly<Record<string, string>>;
}

/**
 * Call options that send one SDK call through `exchange` with extra headers, so that one SDK client can serve all calls
 * of an account.
 */
export function through(
	exchange: Exchange,
	ownHeaders: Readonly<Record<string, string>> = {},
): { readonly fetchOptions: object } {
	return { fetchOptions: { exchange, ownHeaders } satisfies WithExchange };
}

/**
 * A `fetch` for an SDK client that sends only these headers. The SDK's own headers are dropped, because they may
 * include some from environment variables (`OPENAI_CUSTOM_HEADERS`, `ANTHROPIC_CUSTOM_HEADERS`). The SDK's signal is
 * dropped too: it only implements the SDK's timeout. Without an exchange per call, `onlyExchange` is used.
 */
export function fetchWith(headers: Readonly<Record<string, string>>, onlyExchange?: Exchange): typeof globalThis.fetch {
	return (input, init) => {
		const { exchange = onlyExchange, ownHeaders, ...options } = (init ?? {}) as RequestInit & WithExchange;
		if (exchange === undefined) throw new Error('This call does not say which exchange it is');
		const contentType = options.body ? { 'content-type': 'application/json' } : {};
		return exchange.fetch(input, { ...options, headers: { ...headers, ...ownHeaders, ...contentType }, signal: null });
	};
}

/** The error that the call threw, or undefined. Its result is ignored, because the exchange has recorded the reply. */
export async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
	try {
		await call();
		return undefined;
	} catch (error) {
		return error;
	}
}
