import type { Message } from '../../engine/conversation';
import type { Provider } from '../../engine/provider';
import type { CompletionRequest, ModelSettings } from '../../engine/request';
import { plainBaseUrl } from '../http/base-url';
import { at } from '../json/json-path';
import { asCount, asString } from '../json/json-reader';
import { chat, listModels, respond } from './client';
import type { LeftOut } from './parameters';
import type { ChatDialect } from './request';
import { says } from '../errors/says';
import type { ProviderSettings } from '../http/transport';

/**
 * Creates the OpenAI provider, based on OpenAI's SDK. It uses chat completions, which all models support, except where
 * a model supports tool calls only in the Responses API.
 */
export function createOpenAi(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: withVersion(settings.baseUrl) };
	return {
		async complete(request, signal) {
			const leaveOut = leftOutFor(request.settings);
			return needsResponses(request)
				? await respond(own, request, leaveOut, signal)
				: await chat(own, request, { ...dialect, systemRole: systemRoleOf(request.settings), leaveOut }, signal);
		},
		listModels: (signal) => listModels(own, signal, isChatModel),
	};
}

const dialect = {
	maxTokens: 'max_completion_tokens',
	alwaysInWords: false,
	formatBesideTools: true,
	callIds: { allowed: /^[\x21-\x7e]+$/, maxLength: 40 },
	contentBesideCalls: null,
	strictOrder: false,
	givesReasoningBack: false,
	usageInStreams: 'asked',
} satisfies Partial<ChatDialect>;

/** Appends /v1 if the base URL has no path. */
function withVersion(baseUrl: string): string {
	const trimmed = plainBaseUrl(baseUrl);
	return URL.canParse(trimmed) && new URL(trimmed).pathname === '/' ? `${trimmed}/v1` : trimmed;
}

/** Whether the model reasons. The names are from the tables of @ai-sdk/openai 4.0.118. */
function reasons(model: string): boolean {
	return /^(?:o\d|gpt-[5-9]|gpt-\d\d)/.test(model) && !/-chat/.test(model);
}

function systemRoleOf({ model }: ModelSettings): ChatDialect['systemRole'] {
	return reasons(model) ? 'developer' : 'system';
}

function leftOutFor({ model, reasoningEffort }: ModelSettings): LeftOut {
	const canSkipReasoning = /^gpt-(?:5\.[1-9]|6-(?:sol|luna)|6\.1-terra)/.test(model);
	const takesTemperature = !reasons(model) || (reasoningEffort === 'none' && canSkipReasoning);
	return {
		...(!takesTemperature && { temperature: `${model} takes no temperature while it reasons; it was left out` }),
		...(!reasons(model) && { reasoningEffort: `${model} takes no reasoning effort; it was left out` }),
	};
}

/**
 * Whether a request must use the Responses API. From gpt-5.6 on, chat completions support tools only if reasoning is
 * explicitly turned off; with gpt-5.4 and 5.5, only if no reasoning effort is set.
 */
function needsResponses({ content, settings, dropped }: CompletionRequest): boolean {
	const { model, reasoningEffort } = settings;
	const [, major, minor] = /^gpt-(\d+)(?:\.(\d+))?/.exec(model) ?? [];
	if (major === undefined || !reasons(model)) return false;
	const hasTools = content.tools.length > 0 || content.messages.some(keepsReasoning);
	const version = Number(major) * 100 + Number(minor ?? 0);
	if (version >= 506) return hasTools;
	const setsEffort =
		reasoningEffort !== undefined && reasoningEffort !== 'none' && !dropped.includes('reasoningEffort');
	return hasTools && version >= 504 && setsEffort;
}

/**
 * Whether a message has a keepsake: data such as encrypted reasoning that must go back to its model unchanged. Chat
 * completions accept a history of tool calls, but not the reasoning behind them.
 */
function keepsReasoning(message: Message): boolean {
	return message.role === 'assistant' && message.keepsake !== undefined;
}

const otherKinds = [
	/embedding|moderation|image|dall-e|sora/,
	/whisper|tts|transcribe|audio|realtime/,
	/babbage|davinci|instruct/,
	/codex|deep-research|computer-use|^o\d-pro/,
];

/**
 * Whether a listed model can chat. The list also has models for audio, images and embeddings, models that only work
 * with the Responses API, and models that were shut down.
 */
function isChatModel(model: unknown, id: string): boolean {
	return !says(id, otherKinds) && !(shutdownMs(at(model, 'shutdown_date')) < Date.now());
}

function shutdownMs(date: unknown): number {
	const seconds = asCount(date);
	return seconds === undefined ? Date.parse(asString(date) ?? '') : seconds * 1000;
}
