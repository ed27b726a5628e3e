import type { Provider } from '../../engine/provider';
import { plainBaseUrl } from '../http/base-url';
import { chat, listModels } from '../openai/client';
import type { ChatDialect } from '../openai/request';
import type { ProviderSettings } from '../http/transport';

/** What every known server takes. */
const dialect: ChatDialect = {
	maxTokens: 'max_tokens',
	systemRole: 'system',
	alwaysInWords: true,
	leaveOut: {},
	// Groq refuses a format beside tools.
	formatBesideTools: false,
	// Mistral takes no other IDs.
	callIds: { allowed: /^[a-zA-Z0-9]{9}$/, maxLength: 9 },
	// Some chat templates cannot read null.
	contentBesideCalls: '',
	strictOrder: true,
	givesReasoningBack: true,
	usageInStreams: 'asked',
};

/**
 * Any server that copies OpenAI's chat completions: vLLM, llama.cpp, LM Studio, Groq, OpenRouter, Mistral, Azure and
 * more. What a model takes is unknown, so everything that is set is sent, and a refusal of it is reported as such.
 */
export function createOpenAiCompatible(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: plainBaseUrl(settings.baseUrl) };
	return {
		complete: (request, signal) => chat(own, request, dialectOf(own.baseUrl, request.settings.model), signal),
		listModels: (signal) => listModels(own, signal, () => true),
	};
}

/** The APIs whose models think before they call a tool, and who refuse a call that comes without the thoughts. */
const hostsThatMissReasoning = /(?:^|\.)(?:deepseek\.com|moonshot\.(?:ai|cn))$/;

/** Their models as proxies name them; who runs these models elsewhere puts a vendor before the name. */
const modelsThatMissReasoning = /^(?:deepseek-(?:chat|reasoner|v\d)|kimi-)/;

/** Mistral refuses what others have to be asked with, and counts tokens in streams anyway. */
const mistralHost = /(?:^|\.)mistral\.ai$/;
const mistralModels = /^(?:(?:open-)?mi[sx]tral|ministral|magistral|codestral|devstral|pixtral)-/;

/** The first of these models sends its thoughts, and refuses to see them again. */
const modelsThatRefuseReasoning = /\br1\b/i;

/** The thoughts of another vendor's model are not to be had. An empty text is not enough for all of these servers. */
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
