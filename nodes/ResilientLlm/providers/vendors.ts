import type { Provider } from '../engine/provider';
import type { ProviderSettings } from './http/transport';

export type { Login } from './http/account';
export type { NetworkRules, ProviderSettings } from './http/transport';

/** Everything the rest of the package needs to know about a vendor. */
export interface Vendor {
	/** The name shown to users. */
	readonly label: string;
	/** An explanation shown where users choose a vendor. */
	readonly description?: string;
	/** URL of the vendor's page about its models. */
	readonly modelPage: string;
	/** The name of its credential type in n8n. */
	readonly credentialType: string;
	/** The base URL that is used if the credential sets none. */
	readonly baseUrl: string;
	/** The file types its API accepts. Whether a model understands them depends on the model. */
	readonly inputs: ReadonlyArray<'image' | 'pdf'>;
	/** Whether calls without an API key are possible. */
	readonly keyIsOptional: boolean;
	/** Whether the key has a header of its own. Otherwise it is a bearer token, in the header that a login would use. */
	readonly keyHasOwnHeader: boolean;
	/**
	 * Its name in the price data, used if the price data does not know the base URL. Absent: such an address has no known
	 * prices.
	 */
	readonly priceName?: string;
	/** See `loadProvider`. */
	readonly load: (settings: ProviderSettings) => Promise<Provider>;
}

/**
 * All vendors by ID, in alphabetical order of their labels. Saved workflows contain the IDs, so they must not change.
 */
const records = {
	anthropic: {
		label: 'Anthropic',
		modelPage: 'https://platform.claude.com/docs/en/about-claude/models/overview',
		credentialType: 'resilientLlmAnthropicApi',
		baseUrl: 'https://api.anthropic.com',
		inputs: ['image', 'pdf'],
		keyIsOptional: false,
		keyHasOwnHeader: true,
		priceName: 'anthropic',
		load: async (settings) => (await import('./anthropic')).createAnthropic(settings),
	},
	gemini: {
		label: 'Google Gemini',
		modelPage: 'https://ai.google.dev/gemini-api/docs/models',
		credentialType: 'resilientLlmGeminiApi',
		baseUrl: 'https://generativelanguage.googleapis.com',
		inputs: ['image', 'pdf'],
		keyIsOptional: false,
		keyHasOwnHeader: true,
		priceName: 'google',
		load: async (settings) => (await import('./gemini')).createGemini(settings),
	},
	ollama: {
		label: 'Ollama',
		modelPage: 'https://ollama.com/library',
		credentialType: 'resilientLlmOllamaApi',
		baseUrl: 'http://localhost:11434',
		inputs: ['image'],
		keyIsOptional: true,
		keyHasOwnHeader: false,
		load: async (settings) => (await import('./ollama')).createOllama(settings),
	},
	openAi: {
		label: 'OpenAI',
		modelPage: 'https://platform.openai.com/docs/models',
		credentialType: 'resilientLlmOpenAiApi',
		baseUrl: 'https://api.openai.com/v1',
		inputs: ['image', 'pdf'],
		keyIsOptional: false,
		keyHasOwnHeader: false,
		priceName: 'openai',
		load: async (settings) => (await import('./openai')).createOpenAi(settings),
	},
	openAiCompatible: {
		label: 'OpenAI-Compatible',
		description: 'VLLM, LM Studio, Groq, OpenRouter and other servers that speak the same API',
		modelPage: 'https://platform.openai.com/docs/api-reference/models',
		credentialType: 'resilientLlmOpenAiCompatibleApi',
		baseUrl: 'http://localhost:8000/v1',
		inputs: ['image', 'pdf'],
		keyIsOptional: true,
		keyHasOwnHeader: false,
		load: async (settings) => (await import('./openai-compatible')).createOpenAiCompatible(settings),
	},
} as const satisfies Readonly<Record<string, Vendor>>;

export type ProviderId = keyof typeof records;

export const vendors: Readonly<Record<ProviderId, Vendor>> = records;

export const providerIds = Object.keys(records) as readonly ProviderId[];

/** Loads a vendor's adapter and creates a provider. The vendor's SDK is only loaded with the first call. */
export async function loadProvider(id: ProviderId, settings: ProviderSettings): Promise<Provider> {
	return await vendors[id].load(settings);
}

/** The label of a stored or logged provider ID; undefined if this version of the package does not know the ID. */
export function providerLabelOf(provider: string): string | undefined {
	return Object.hasOwn(records, provider) ? vendors[provider as ProviderId].label : undefined;
}

/** The name of a vendor's credential as shown to users. */
export function credentialLabelOf(provider: ProviderId): string {
	return `Resilient LLM ${vendors[provider].label}`;
}
