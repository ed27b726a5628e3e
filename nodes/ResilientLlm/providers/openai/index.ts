import type { Provider } from '../../engine/provider';
import type { ModelSettings } from '../../engine/request';
import { plainBaseUrl } from '../http/base-url';
import { at } from '../json/json-path';
import { asCount, asString } from '../json/json-reader';
import type { ChatDialect } from './chat';
import { chat, listModels } from './client';
import { says } from '../errors/says';
import type { ProviderSettings } from '../http/transport';

/** OpenAI through its own SDK and chat completions, which every current model and every compatible server speaks. */
export function createOpenAi(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: withVersion(settings.baseUrl) };
	return {
		complete: (request, signal) => chat(own, request, openAiDialect(request.settings), signal),
		listModels: (signal) => listModels(own, signal, isChatModel),
	};
}

/** The API lives under /v1; a bare origin means that. */
function withVersion(baseUrl: string): string {
	const trimmed = plainBaseUrl(baseUrl);
	return URL.canParse(trimmed) && new URL(trimmed).pathname === '/' ? `${trimmed}/v1` : trimmed;
}

/** Model families after the tables of @ai-sdk/openai 4.0.118. */
function openAiDialect({ model, reasoningEffort }: ModelSettings): ChatDialect {
	const reasons = /^(?:o\d|gpt-[5-9]|gpt-\d\d)/.test(model) && !/-chat/.test(model);
	const canSkipReasoning = /^gpt-(?:5\.[1-9]|6-(?:sol|luna)|6\.1-terra)/.test(model);
	const takesTemperature = !reasons || (reasoningEffort === 'none' && canSkipReasoning);
	return {
		maxTokens: 'max_completion_tokens',
		systemRole: reasons ? 'developer' : 'system',
		alwaysInWords: false,
		leaveOut: {
			...(!takesTemperature && { temperature: `${model} takes no temperature while it reasons; it was left out` }),
			...(!reasons && { reasoningEffort: `${model} takes no reasoning effort; it was left out` }),
		},
	};
}

const otherKinds = [
	/embedding|moderation|image|dall-e|sora/,
	/whisper|tts|transcribe|audio|realtime/,
	/babbage|davinci|instruct/,
	/codex|deep-research|computer-use|^o\d-pro/,
];

/**
 * The list also holds models for sound, pictures and vectors, those that only the Responses API serves, and past ones.
 */
function isChatModel(model: unknown, id: string): boolean {
	return !says(id, otherKinds) && !(shutdownMs(at(model, 'shutdown_date')) < Date.now());
}

function shutdownMs(date: unknown): number {
	const seconds = asCount(date);
	return seconds === undefined ? Date.parse(asString(date) ?? '') : seconds * 1000;
}
