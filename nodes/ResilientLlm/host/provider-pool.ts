import { setBounded } from '../engine/remembering';
import type { Provider } from '../engine/provider';
import { loadProvider, type NetworkRules, type ProviderId, type ProviderSettings } from '../providers/vendors';

/**
 * How many adapters are cached at most. Each change of a credential makes a new account, and the old one's adapter
 * stays until it is displaced.
 */
const maxAdapters = 200;

/** Adapters by network rules, then by account. `networkRules` returns the same object for the same rules. */
const pools = new WeakMap<NetworkRules, Map<string, Promise<Provider>>>();

/**
 * The adapter of an account, shared by all executions of the process. It is created with the first call, so the SDK of
 * a fallback that is never called is never loaded.
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
