import type { Provider } from '../../engine/provider';
import { plainBaseUrl } from '../http/base-url';
import type { ChatDialect } from '../openai/chat';
import { chat, listModels } from '../openai/client';
import type { ProviderSettings } from '../http/transport';

const dialect: ChatDialect = {
	maxTokens: 'max_tokens',
	systemRole: 'system',
	alwaysInWords: true,
	leaveOut: {},
};

/**
 * Any server that copies OpenAI's chat completions: vLLM, llama.cpp, LM Studio, Groq, OpenRouter, Mistral, Azure and
 * more. What a model takes is unknown, so everything that is set is sent, and a refusal of it is reported as such.
 */
export function createOpenAiCompatible(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: plainBaseUrl(settings.baseUrl) };
	return {
		complete: (request, signal) => chat(own, request, dialect, signal),
		listModels: (signal) => listModels(own, signal, () => true),
	};
}
