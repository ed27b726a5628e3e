import type { Provider } from '../../engine/provider';
import { plainBaseUrl } from '../http/base-url';
import { chat, listModels } from '../openai/client';
import type { ChatDialect } from '../openai/request';
import type { ProviderSettings } from '../http/transport';

/** Settings that every known compatible server accepts. */
const dialect: ChatDialect = {
	maxTokens: 'max_tokens',
	systemRole: 'system',
	alwaysInWords: true,
	leaveOut: {},
	// Groq rejects `response_format` together with tools.
	formatBesideTools: false,
	// Mistral accepts only IDs of this form.
	callIds: { allowed: /^[a-zA-Z0-9]{9}$/, maxLength: 9 },
	// Some chat templates fail on null.
	contentBesideCalls: '',
	strictOrder: true,
	givesReasoningBack: true,
	usageInStreams: 'asked',
};

/**
 * Creates a provider for servers that implement OpenAI's chat completions: vLLM, llama.cpp, LM Studio, Groq,
 * OpenRouter, Mistral, Azure and more. It is not known which parameters a model accepts, so all that are set are sent;
 * if the server rejects one, the failure says so.
 */
export function createOpenAiCompatible(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: plainBaseUrl(settings.baseUrl) };
	return {
		complete: (request, signal) => chat(own, request, dialectOf(own.baseUrl, request.settings.model), signal),
		listModels: (signal) => listModels(own, signal, () => true),
	};
}

/** Servers that reject a tool call in the history if the reasoning before it is missing. */
const hostsThatMissReasoning = /(?:^|\.)(?:deepseek\.com|moonshot\.(?:ai|cn))$/;

/** The same models as named by proxies. Other hosts of these models put a vendor's name before the model's. */
const modelsThatMissReasoning = /^(?:deepseek-(?:chat|reasoner|v\d)|kimi-)/;

/**
 * Mistral rejects the option that asks for token usage in streams, and always sends the usage. Others need the option.
 */
const mistralHost = /(?:^|\.)mistral\.ai$/;
const mistralModels = /^(?:(?:open-)?mi[sx]tral|ministral|magistral|codestral|devstral|pixtral)-/;

/** DeepSeek R1 sends its reasoning but rejects requests that send it back. */
const modelsThatRefuseReasoning = /\br1\b/i;

/**
 * The settings for one server and model. Where reasoning is required but came from another model, a blank is sent in
 * its place, as some servers reject an empty text.
 */
export function dialectOf(baseUrl: string, model: string): ChatDialect {
	const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
	const misses = hostsThatMissReasoning.test(host) || modelsThatMissReasoning.test(model);
	return {
		...dialect,
		usageInStreams: mistralHost.test(host) || mistralModels.test(model) ? 'always' : 'asked',
		givesReasoningBack: !modelsThatRefuseReasoning.test(model),
		...(misses && { foreignReasoning: ' ' }),
	};
}
