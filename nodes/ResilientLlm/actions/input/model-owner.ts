import { type ProviderId, providerIds, vendors } from '../../providers/vendors';

/** Names that only one vendor gives its models. Open models, `gpt-oss` among them, run anywhere. */
const ownNames: Partial<Record<ProviderId, RegExp>> = {
	anthropic: /^claude-/,
	gemini: /^gemini-/,
	openAi: /^(gpt-\d|chatgpt-|o\d)/,
};

/**
 * The vendor whose model this is, when the step asks another vendor for it: n8n's form keeps the model when its
 * provider is changed. Undefined when nothing is wrong, and behind any other address: a gateway may serve whatever it
 * likes.
 */
export function otherOwnerOf(model: string, provider: ProviderId, baseUrl: string): ProviderId | undefined {
	if (ownNames[provider] === undefined || hostOf(baseUrl) !== hostOf(vendors[provider].baseUrl)) return undefined;
	return providerIds.find((id) => id !== provider && ownNames[id]?.test(model) === true);
}

function hostOf(url: string): string {
	return new URL(url).host;
}
