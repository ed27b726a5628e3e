import type { NodeEgressFilter, RequestHelperFunctions } from 'n8n-workflow';

import type { NetworkRules } from '../providers/http/transport';

/** n8n before 2.30 has neither `getSecureEgressFilter` nor such rules. */
type MaybeFiltered = Partial<Pick<RequestHelperFunctions, 'getSecureEgressFilter'>>;

/**
 * Keeps one rules object per filter: connections and provider adapters are cached by that object, so a new one for each
 * call would make the caches useless.
 */
const rulesOf = new WeakMap<NodeEgressFilter, NetworkRules>();
const noRules: NetworkRules = {};

/**
 * n8n's rules for outgoing requests (`N8N_SSRF_PROTECTION_ENABLED`), for HTTP clients that do not use n8n's request
 * helpers.
 */
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
