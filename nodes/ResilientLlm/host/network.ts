import type { NodeEgressFilter, RequestHelperFunctions } from 'n8n-workflow';

import type { NetworkRules } from '../providers/transport';

type LookupFunction = NonNullable<NetworkRules['lookup']>;

/** n8n without `getSecureEgressFilter` (before 2.30) has no such policy either. */
type MaybeFiltered = Partial<Pick<RequestHelperFunctions, 'getSecureEgressFilter'>>;

// One lookup per filter: connection pools are kept per lookup, and a new one each time would keep none.
const lookups = new WeakMap<NodeEgressFilter, LookupFunction>();

/** n8n's own outbound rules (`N8N_SSRF_PROTECTION_ENABLED`), for clients that cannot go through its request helpers. */
export function networkRules(helpers: MaybeFiltered): NetworkRules {
	const filter = helpers.getSecureEgressFilter?.();
	if (filter === undefined) return {};
	const lookup = lookups.get(filter) ?? filter.createSecureLookup();
	lookups.set(filter, lookup);
	return {
		refuse: async (url) => {
			const verdict = await filter.validateUrl(url);
			return verdict.ok ? undefined : `n8n's network rules forbid ${url.host}: ${verdict.error.message}`;
		},
		lookup,
	};
}
