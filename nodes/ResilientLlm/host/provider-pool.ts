import { setBounded } from '../engine/remembering';
import type { Provider } from '../engine/provider';
import { loadProvider, type NetworkRules, type ProviderId, type ProviderSettings } from '../providers/vendors';

/** Adapters kept at most: credentials change, and each change is another account. */
const maxAdapters = 200;

/** By n8n's network rules, which are the same object as long as they are the same rules, and by account. */
const pools = new WeakMap<NetworkRules, Map<string, Promise<Provider>>>();

/**
 * The adapter of an account, one for all executions of the process. It is made when it is first called: the SDK of a
 * fallback that is never needed is never loaded.
 */
export function pooledProvider(
	provider: ProviderId,
	settings: ProviderSettings,
	identity: string,
): Pick<Provider, 'complete'> {
	return {
		complete: async (request, signal) =>
			await (await adapterOf(provider, settings, identity)).complete(request, signal),
	};
}

async function adapterOf(provider: ProviderId, settings: ProviderSettings, identity: string): Promise<Provider> {
	const pool = pools.get(settings.network) ?? new Map<string, Promise<Provider>>();
	pools.set(settings.network, pool);
	const known = pool.get(identity);
	if (known !== undefined) return await known;
	const adapter = loadProvider(provider, settings);
	setBounded(pool, identity, adapter, maxAdapters);
	adapter.catch(() => pool.delete(identity));
	return await adapter;
}
