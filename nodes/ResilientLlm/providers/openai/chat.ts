import type { OpenAI } from 'openai';

import type { Completion, FinishReason, Usage } from '../../engine/completion';
import {
	systemTextOf,
	textOf,
	textsIn,
	type Attachment,
	type OutputFormat,
	type Part,
} from '../../engine/conversation';
import type { CompletionRequest, DroppableParameter } from '../../engine/request';
import { turnsOf, type Turn } from '../conversation/turns';
import { at } from '../json/json-path';
import { asAmount, asArray, asCode, asCount, asName, asRecord, asString, otherThan } from '../json/json-reader';
import { fitsStrictMode } from '../json/json-schema';
import { formatInstruction, joinInstructions } from '../conversation/instructions';

type ChatRequest = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
type ContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;

/** Where the servers that speak OpenAI's chat completions differ. */
export interface ChatDialect {
	readonly maxTokens: 'max_tokens' | 'max_completion_tokens';
	readonly systemRole: 'developer' | 'system';
	/** Why the model does not take a parameter; undefined when it does. */
	readonly leaveOut: Readonly<Partial<Record<DroppableParameter, string>>>;
	/** Whether JSON is asked for in words as well, because the server may ignore `response_format`. */
	readonly alwaysInWords: boolean;
}

export interface ChatCall {
	readonly body: ChatRequest;
	readonly warnings: readonly string[];
}

/** The body of `POST /chat/completions`. */
export function toChatCall(request: CompletionRequest, dialect: ChatDialect): ChatCall {
	const { content, settings, dropped } = request;
	const { temperature, reasoningEffort } = settings;
	const takes = (parameter: DroppableParameter) =>
		!dropped.includes(parameter) && dialect.leaveOut[parameter] === undefined;

	const format = takes('outputFormat') ? formatOf(content.output) : undefined;
	const system = joinInstructions(
		systemTextOf(content),
		needsWords(request, format, dialect) ? formatInstruction(content.output) : undefined,
	);
	const otherName = dialect.maxTokens === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
	const maxTokens = dropped.includes('maxOutputTokens') ? otherName : dialect.maxTokens;
	const asked = { temperature, reasoningEffort };
	const warnings = (['temperature', 'reasoningEffort'] as const).flatMap((parameter) =>
		asked[parameter] !== undefined && !dropped.includes(parameter) ? (dialect.leaveOut[parameter] ?? []) : [],
	);
	return {
		body: {
			model: settings.model,
			messages: [
				...(system === '' ? [] : [{ role: dialect.systemRole, content: system }]),
				...turnsOf(content.messages).flatMap(messageOf),
			],
			[maxTokens]: settings.maxOutputTokens,
			...(temperature !== undefined && takes('temperature') && { temperature }),
			...(reasoningEffort !== undefined && takes('reasoningEffort') && { reasoning_effort: reasoningEffort }),
			...(format !== undefined && { response_format: format }),
		},
		warnings,
	};
}

/** `json_object` is refused unless the word JSON is somewhere in the messages. */
function needsWords(
	{ content, dropped }: CompletionRequest,
	format: ChatRequest['response_format'],
	dialect: ChatDialect,
): boolean {
	if (dropped.includes('outputFormat') || dialect.alwaysInWords) return true;
	return format?.type === 'json_object' && !textsIn(content).some((text) => /json/i.test(text));
}

function formatOf(output: OutputFormat): ChatRequest['response_format'] {
	switch (output.kind) {
		case 'text':
			return undefined;
		case 'json':
			return { type: 'json_object' };
		case 'jsonSchema':
			return {
				type: 'json_schema',
				json_schema: { name: 'answer', schema: { ...output.schema }, strict: fitsStrictMode(output.schema) },
			};
	}
}

function messageOf(turn: Turn): OpenAI.Chat.Completions.ChatCompletionMessageParam[] {
	switch (turn.role) {
		case 'user':
			return [{ role: 'user', content: userContent(turn.parts) }];
		case 'assistant':
			return [{ role: 'assistant', content: turn.text }];
		case 'results':
			return [];
	}
}

/** A plain string where it can be one: many compatible servers take nothing else. */
function userContent(parts: readonly Part[]): string | ContentPart[] {
	if (parts.every(({ kind }) => kind === 'text')) return textOf(parts);
	return parts.map((part) => (part.kind === 'text' ? { type: 'text', text: part.text } : attachmentPart(part)));
}

function attachmentPart({ kind, mimeType, base64, fileName }: Attachment): ContentPart {
	const url = `data:${mimeType};base64,${base64}`;
	switch (kind) {
		case 'image':
			return { type: 'image_url', image_url: { url } };
		case 'pdf':
			return { type: 'file', file: { filename: fileName, file_data: url } };
	}
}

/** Reads the body of a 200. Undefined when there is no answer in it and nothing that was billed. */
export function fromChatReply(json: unknown, requestedModel: string): Completion | undefined {
	const choice = at(json, 'choices', 0);
	const usage = usageOf(json);
	const message = asRecord(at(choice, 'message')) ?? (usage === undefined ? undefined : {});
	if (message === undefined) return undefined;

	const refusal = asString(message['refusal']);
	const text = answerText(message['content']);
	const word = asCode(at(choice, 'finish_reason'));
	const finishReason = refusal ? 'content_filter' : finishReasonOf(word, text);
	return {
		kind: 'completion',
		text: refusal ? '' : text,
		finishReason,
		...(refusal
			? { finishDetail: 'refusal' }
			: finishReason !== 'stop' && word !== undefined
				? { finishDetail: word }
				: {}),
		...(usage !== undefined && { usage }),
		model: asName(at(json, 'model')) ?? requestedModel,
	};
}

/**
 * Some servers send the content as typed parts; reasoning among them, or before the answer in tags, is not the answer.
 */
function answerText(content: unknown): string {
	const text =
		asString(content) ??
		(asArray(content) ?? [])
			.filter((part) => ['text', 'output_text'].includes(asString(at(part, 'type')) ?? 'text'))
			.map((part) => asString(part) ?? asString(at(part, 'text')) ?? '')
			.join('');
	return text.replace(/^\s*<think>[\s\S]*?<\/think>\s*/, '');
}

function finishReasonOf(word: string | undefined, text: string): FinishReason {
	switch (word?.toLowerCase()) {
		case 'stop':
		case 'eos':
		case 'eos_token':
		case 'stop_sequence':
		case 'end_turn':
		case 'complete':
			return 'stop';
		case 'length':
		case 'max_tokens':
			return 'length';
		case 'model_length':
		case 'model_context_window_exceeded':
			return 'context_window';
		case 'content_filter':
		case 'safety':
		case 'sensitive':
		case 'refusal':
			return 'content_filter';
		case undefined:
			return text === '' ? 'other' : 'stop';
		default:
			return 'other';
	}
}

function usageOf(json: unknown): Usage | undefined {
	const usage = at(json, 'usage');
	const inputTokens = asCount(at(usage, 'prompt_tokens'));
	const completionTokens = asCount(at(usage, 'completion_tokens'));
	if (inputTokens === undefined || completionTokens === undefined) return undefined;
	const cached =
		asCount(at(usage, 'prompt_tokens_details', 'cached_tokens')) ?? asCount(at(usage, 'prompt_cache_hit_tokens'));
	const cachedInputTokens = Math.min(cached ?? 0, inputTokens);
	const written = asCount(at(usage, 'prompt_tokens_details', 'cache_write_tokens')) ?? 0;
	const cacheWriteTokens = Math.min(written, inputTokens - cachedInputTokens);
	const specialRate = otherThan(['default', 'standard', 'auto', 'on_demand'], at(json, 'service_tier'));
	const billedUsd = billedUsdOf(usage);
	return {
		inputTokens,
		...outputOf(usage, inputTokens, completionTokens),
		cachedInputTokens,
		...(cacheWriteTokens > 0 && { cacheWriteTokens }),
		...(specialRate !== undefined && { specialRate }),
		...(billedUsd !== undefined && { billedUsd }),
	};
}

/** xAI counts reasoning beside the completion, not in it, and Gemini does not even name it; the total tells. */
function outputOf(usage: unknown, inputTokens: number, completionTokens: number) {
	const named = asCount(at(usage, 'completion_tokens_details', 'reasoning_tokens'));
	const beside = (asCount(at(usage, 'total_tokens')) ?? 0) - inputTokens - completionTokens;
	return beside > 0 && (named ?? beside) === beside
		? { outputTokens: completionTokens + beside, reasoningTokens: beside }
		: { outputTokens: completionTokens, reasoningTokens: named ?? 0 };
}

/**
 * OpenRouter says what it took, in credits of one USD, and what the vendor took besides when the key there is the
 * user's own.
 */
function billedUsdOf(usage: unknown): number | undefined {
	const taken = asAmount(at(usage, 'cost'));
	if (taken === undefined || at(usage, 'is_byok') !== true) return taken;
	const besides = asAmount(at(usage, 'cost_details', 'upstream_inference_cost'));
	return besides === undefined ? undefined : taken + besides;
}
