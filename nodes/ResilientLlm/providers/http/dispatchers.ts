import type { LookupFunction } from 'node:net';

import type { Agent, Dispatcher } from 'undici';

import { lazy } from '../lazy';

export const undici = lazy(async () => await import('undici'));
const proxyFromEnv = lazy(async () => await import('proxy-from-env'));

/**
 * undici's own timeouts for headers and body are off, because the attempt's abort signal limits the time; opening a
 * connection still fails after undici's 10 s. HTTP/2 is off because one stalled connection would block all calls to a
 * vendor.
 */
const agentOptions: Agent.Options = { headersTimeout: 0, bodyTimeout: 0, allowH2: false };

/** The same limit as in n8n's own `EnvProxyRouter`. */
const maxCachedProxies = 64;

let direct: Agent | undefined;
const guarded = new WeakMap<LookupFunction, Agent>();
const proxies = new Map<string, Dispatcher>();

/**
 * The connection pool for a URL, shared by the whole process. It uses the proxy given by `HTTP_PROXY`, `HTTPS_PROXY`,
 * `ALL_PROXY` and `NO_PROXY`, as n8n's own nodes do. Otherwise it connects directly, with `lookup` (n8n's DNS lookup
 * that blocks forbidden addresses) if given.
 */
export async function dispatcherFor(url: URL, lookup: LookupFunction | undefined): Promise<Dispatcher> {
	const { Agent, ProxyAgent } = await undici();
	const { getProxyForUrl } = await proxyFromEnv();

	const proxyUrl = getProxyForUrl(url.href);
	if (proxyUrl !== '') {
		const known = proxies.get(proxyUrl);
		if (known !== undefined) return known;
		const proxy = new ProxyAgent({ ...agentOptions, uri: proxyUrl });
		if (proxies.size < maxCachedProxies) proxies.set(proxyUrl, proxy);
		return proxy;
	}
	if (lookup === undefined) return (direct ??= new Agent(agentOptions));

	const known = guarded.get(lookup);
	if (known !== undefined) return known;
	const agent = new Agent({ ...agentOptions, connect: { lookup } });
	guarded.set(lookup, agent);
	return agent;
}
