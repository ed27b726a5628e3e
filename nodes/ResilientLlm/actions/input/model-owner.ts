import { type ProviderId, providerIds, vendors } from '../../providers/vendors';

/** Model names used by only one vendor. Open models, such as `gpt-oss`, are offered by many and so are not listed. */
const ownNames: Partial<Record<ProviderId, RegExp>> = {
	anthropic: /^claude-/,
	gemini: /^gemini-/,
	openAi: /^(gpt-\d|chatgpt-|o\d)/,
};

/**
 * The vendor that the model belongs to, if the step uses another vendor: n8n's form keeps the model when the provider
 * is changed. Undefined if they match, or if the base URL is not the vendor's own, as a gateway may serve any model.
 */
export function otherOwnerOf(model: string, provider: ProviderId, baseUrl: string): ProviderId | undefined {
	if (ownNames[provider] === undefined || hostOf(baseUrl) !== hostOf(vendors[provider].baseUrl)) return undefined;
	return providerIds.find((id) => id !== provider && ownNames[id]?.test(model) === true);
}

function hostOf(url: string): string {
	return new URL(url).host;
}
