import type { Provider } from '../engine/provider';
import type { ProviderSettings } from './http/transport';

export type { Login } from './http/account';
export type { NetworkRules, ProviderSettings } from './http/transport';

/** All that the rest of the package has to know of a vendor. */
export interface Vendor {
	/** As users read it. */
	readonly label: string;
	/** Says more of it where a user chooses one. */
	readonly description?: string;
	/** Where the vendor describes its models. */
	readonly modelPage: string;
	/** Its credential's name in n8n. */
	readonly credentialType: string;
	/** Where its API is when the credential does not say otherwise. */
	readonly baseUrl: string;
	/** The files its API takes. Whether the model understands them is the model's affair. */
	readonly inputs: ReadonlyArray<'image' | 'pdf'>;
	/** Whether it can do without an API key. */
	readonly keyIsOptional: boolean;
	/** Whether the key goes into a header of its own. Elsewhere it is a bearer token, where a login would go. */
	readonly keyHasOwnHeader: boolean;
	/** Its name in the price data. Absent: nobody's prices hold at an address that the price data does not know. */
	readonly priceName?: string;
	/** See `loadProvider`. */
	readonly load: (settings: ProviderSettings) => Promise<Provider>;
}

/** One record per vendor, in the alphabetical order of the labels, by the ID that saved workflows hold. */
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

/** Loads one vendor's adapter and makes a provider of it. Its SDK is loaded with the first call. */
export async function loadProvider(id: ProviderId, settings: ProviderSettings): Promise<Provider> {
	return await vendors[id].load(settings);
}

/** The label of a provider as stored or logged; undefined for one that this version of the package does not know. */
export function providerLabelOf(provider: string): string | undefined {
	return Object.hasOwn(records, provider) ? vendors[provider as ProviderId].label : undefined;
}

/** A vendor's credential as users read its name. */
export function credentialLabelOf(provider: ProviderId): string {
	return `Resilient LLM ${vendors[provider].label}`;
}
