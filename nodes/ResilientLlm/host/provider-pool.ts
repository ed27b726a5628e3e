import type { Provider } from '../engine/provider';
import { loadProvider, type ProviderId } from '../providers';
import type { ProviderSettings } from '../providers/transport';

/** One adapter per account, made when it is first called: the SDK of a fallback that is never needed is never loaded. */
export type ProviderPool = (provider: ProviderId, settings: ProviderSettings, identity: string) => Pick<Provider, 'complete'>;

export function createProviderPool(): ProviderPool {
	const loaded = new Map<string, Promise<Provider>>();

	return (provider, settings, identity) => ({
		complete: async (request, signal) => {
			const adapter = loaded.get(identity) ?? loadProvider(provider, settings);
			loaded.set(identity, adapter);
			return await (await adapter).complete(request, signal);
		},
	});
}
