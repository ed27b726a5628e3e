import type { NodeEgressFilter, RequestHelperFunctions } from 'n8n-workflow';

import type { NetworkRules } from '../providers/http/transport';

/** n8n without `getSecureEgressFilter` (before 2.30) has no such policy either. */
type MaybeFiltered = Partial<Pick<RequestHelperFunctions, 'getSecureEgressFilter'>>;

/** One set of rules per filter: connections and adapters are kept per set, and a new one each time would keep none. */
const rulesOf = new WeakMap<NodeEgressFilter, NetworkRules>();
const noRules: NetworkRules = {};

/** n8n's own outbound rules (`N8N_SSRF_PROTECTION_ENABLED`), for clients that cannot go through its request helpers. */
export function networkRules(helpers: MaybeFiltered): NetworkRules {
	const filter = helpers.getSecureEgressFilter?.();
	if (filter === undefined) return noRules;
	const rules = rulesOf.get(filter) ?? rulesBy(filter);
	rulesOf.set(filter, rules);
	return rules;
}

function rulesBy(filter: NodeEgressFilter): NetworkRules {
	return {
		refuse: async (url) => {
			const verdict = await filter.validateUrl(url);
			return verdict.ok ? undefined : `n8n's network rules forbid ${url.host}: ${verdict.error.message}`;
		},
		lookup: filter.createSecureLookup(),
	};
}
