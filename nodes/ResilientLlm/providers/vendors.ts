import type { Provider } from '../engine/provider';
import type { ProviderSettings } from './http/transport';

export type { Login } from './http/account';
export type { NetworkRules, ProviderSettings } from './http/transport';

export const providerIds = ['anthropic', 'gemini', 'ollama', 'openAi', 'openAiCompatible'] as const;
export type ProviderId = (typeof providerIds)[number];

export const providerLabels: Readonly<Record<ProviderId, string>> = {
	anthropic: 'Anthropic',
	gemini: 'Google Gemini',
	ollama: 'Ollama',
	openAi: 'OpenAI',
	openAiCompatible: 'OpenAI-Compatible',
};

/** Where each vendor describes its models. */
export const modelPages: Readonly<Record<ProviderId, string>> = {
	anthropic: 'https://platform.claude.com/docs/en/about-claude/models/overview',
	gemini: 'https://ai.google.dev/gemini-api/docs/models',
	ollama: 'https://ollama.com/library',
	openAi: 'https://platform.openai.com/docs/models',
	openAiCompatible: 'https://platform.openai.com/docs/api-reference/models',
};

/** Where each vendor is when the credential does not say otherwise. */
export const defaultBaseUrls: Readonly<Record<ProviderId, string>> = {
	anthropic: 'https://api.anthropic.com',
	gemini: 'https://generativelanguage.googleapis.com',
	ollama: 'http://localhost:11434',
	openAi: 'https://api.openai.com/v1',
	openAiCompatible: 'http://localhost:8000/v1',
};

/** The files a vendor's API takes. Whether the model understands them is the model's affair. */
export const providerInputs: Readonly<Record<ProviderId, ReadonlyArray<'image' | 'pdf'>>> = {
	anthropic: ['image', 'pdf'],
	gemini: ['image', 'pdf'],
	ollama: ['image'],
	openAi: ['image', 'pdf'],
	openAiCompatible: ['image', 'pdf'],
};

/** Loads one vendor's adapter and makes a provider of it. Its SDK is loaded with the first call. */
export async function loadProvider(id: ProviderId, settings: ProviderSettings): Promise<Provider> {
	switch (id) {
		case 'anthropic':
			return (await import('./anthropic')).createAnthropic(settings);
		case 'gemini':
			return (await import('./gemini')).createGemini(settings);
		case 'ollama':
			return (await import('./ollama')).createOllama(settings);
		case 'openAi':
			return (await import('./openai')).createOpenAi(settings);
		case 'openAiCompatible':
			return (await import('./openai-compatible')).createOpenAiCompatible(settings);
	}
}
