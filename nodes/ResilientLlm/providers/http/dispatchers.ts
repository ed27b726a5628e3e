import type { LookupFunction } from 'node:net';

import type { Agent, Dispatcher } from 'undici';

import { lazy } from '../lazy';

export const undici = lazy(async () => await import('undici'));
const proxyFromEnv = lazy(async () => await import('proxy-from-env'));

/**
 * undici's own timers are off because the attempt's signal keeps the time; a connection that cannot be opened still
 * fails after undici's 10 s. HTTP/2 is off: there, one stalled connection would hold up every call to the vendor.
 */
const agentOptions: Agent.Options = { headersTimeout: 0, bodyTimeout: 0, allowH2: false };

/** As many as n8n itself keeps (`EnvProxyRouter`). */
const maxCachedProxies = 64;

let direct: Agent | undefined;
const guarded = new WeakMap<LookupFunction, Agent>();
const proxies = new Map<string, Dispatcher>();

/**
 * The process-wide connection pool for a URL: through the proxy that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
 * `NO_PROXY` name for it, as n8n's own nodes do, or direct, with the host's guarded DNS lookup when it has one.
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
