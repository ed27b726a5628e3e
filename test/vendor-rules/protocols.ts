import { checkAnthropicMessages } from './anthropic-messages';
import { checkGeminiGenerate } from './gemini-generate';
import { modelIn } from './gemini/models';
import type { JsonObject } from './json';
import { checkOllamaChat } from './ollama-chat';
import { checkOpenAiChat } from './openai-chat';
import { checkOpenAiCompatible, dialects, type DialectName } from './openai-compatible';
import { checkOpenAiResponses } from './openai-responses';
import type { Check, Violation } from './violation';
import { anthropicError, anthropicEvents, anthropicReply, namedEvents } from './wire/anthropic';
import { geminiData, geminiError, geminiEvents, geminiReply } from './wire/gemini';
import { jsonLines, ollamaEvents, ollamaReply } from './wire/ollama';
import { chatEvents, chatReply, dataEvents, openAiError, openAiManners, type ChatManners } from './wire/openai-chat';
import { responsesEvents, responsesReply } from './wire/openai-responses';
import { uniqueName, type ScriptedReply } from './wire/scripted-reply';

export type Api = 'anthropic' | 'openaiChat' | 'openaiResponses' | 'gemini' | 'ollama' | 'compatible';

/** Speaks an API: what it refuses and how it says so, and how a scripted reply looks in it, whole and streamed. */
export interface Protocol {
	readonly check: Check;
	readonly contentType: string;
	streams(body: JsonObject, path: string): boolean;
	error(refusal: Violation): JsonObject;
	reply(reply: ScriptedReply, body: JsonObject, path: string): JsonObject;
	stream(reply: JsonObject, body: JsonObject): readonly string[];
}

const serverSentEvents = 'text/event-stream; charset=utf-8';
const asksForStream = (body: JsonObject): boolean => body['stream'] === true;

function chatProtocol(check: Check, manners: ChatManners): Protocol {
	return {
		check,
		contentType: serverSentEvents,
		streams: asksForStream,
		error: ({ message, path, code }) => openAiError(message, path, code),
		reply: (reply, body) => chatReply(reply, body, manners),
		stream: (reply, body) => dataEvents(chatEvents(reply, body, manners)),
	};
}

const protocols: Readonly<Record<Exclude<Api, 'compatible'>, Protocol>> = {
	anthropic: {
		check: checkAnthropicMessages,
		contentType: serverSentEvents,
		streams: asksForStream,
		error: ({ message, status }) => anthropicError(message, status),
		reply: anthropicReply,
		stream: (reply) => namedEvents(anthropicEvents(reply)),
	},
	openaiChat: chatProtocol(checkOpenAiChat, openAiManners),
	openaiResponses: {
		...chatProtocol(checkOpenAiResponses, openAiManners),
		reply: responsesReply,
		stream: (reply) => namedEvents(responsesEvents(reply)),
	},
	gemini: {
		check: checkGeminiGenerate,
		contentType: 'text/event-stream',
		streams: (_, path) => path.includes(':streamGenerateContent'),
		error: ({ message, status }) => geminiError(message, status),
		reply: (reply, body, path) => geminiReply(reply, body, modelIn(path) ?? ''),
		stream: (reply) => geminiData(geminiEvents(reply)),
	},
	ollama: {
		check: checkOllamaChat,
		contentType: 'application/x-ndjson',
		streams: (body) => body['stream'] !== false,
		error: ({ message }) => ({ error: message }),
		reply: ollamaReply,
		stream: (reply) => jsonLines(ollamaEvents(reply)),
	},
};

function compatible(dialect: DialectName): Protocol {
	const mistral: ChatManners = { callId: () => uniqueName(9), wholeCalls: true };
	// vLLM's IDs, longer than OpenAI's own API takes.
	const other: ChatManners = {
		callId: () => `chatcmpl-tool-${uniqueName(32)}`,
		// Groq, which refuses to see it again under the other name.
		reasoningField: dialect === 'groq' ? 'reasoning' : 'reasoning_content',
	};
	const protocol = chatProtocol(checkOpenAiCompatible(dialect), dialect === 'mistral' ? mistral : other);
	if (dialect !== 'mistral') return protocol;
	const error = ({ message, code }: Violation) => ({
		object: 'error',
		message,
		type: 'invalid_request_error',
		param: null,
		code: code ?? '3051',
	});
	return { ...protocol, error };
}

export function protocolFor(path: string): { readonly api: Api; readonly protocol: Protocol } | undefined {
	const [, dialect] = /^\/(\w+)\/v1\/chat\/completions/.exec(path) ?? [];
	if (dialect !== undefined && dialect in dialects) {
		return { api: 'compatible', protocol: compatible(dialect as DialectName) };
	}
	const api = (
		[
			[/^\/v1\/messages\b/, 'anthropic'],
			[/^\/v1\/chat\/completions\b/, 'openaiChat'],
			[/^\/v1\/responses\b/, 'openaiResponses'],
			[/^\/v1(?:beta)?\/models\/[^/]+:(?:stream)?[gG]enerateContent\b/, 'gemini'],
			[/^\/api\/chat\b/, 'ollama'],
		] as const
	).find(([pattern]) => pattern.test(path))?.[1];
	return api && { api, protocol: protocols[api] };
}
