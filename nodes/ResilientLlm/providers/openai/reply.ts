import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { Tool, ToolCall } from '../../engine/conversation';
import { madeId } from '../conversation/call-ids';
import { at } from '../json/json-path';
import {
	asAmount,
	asArray,
	asCode,
	asCount,
	asName,
	asRecord,
	asString,
	otherThan,
	parseJson,
} from '../json/json-reader';
import type { ChatKeepsake } from './messages';
import { readCall } from './tools';

/** Reads the body of a reply with status 200. Undefined if it has neither an answer nor token usage. */
export function fromChatReply(
	json: unknown,
	requestedModel: string,
	tools: readonly Tool[] = [],
): Completion | undefined {
	const choice = at(json, 'choices', 0);
	const usage = usageOf(json);
	const message = asRecord(at(choice, 'message')) ?? (usage === undefined ? undefined : {});
	if (message === undefined) return undefined;

	const refusal = asString(message['refusal']);
	const text = answerText(message['content']);
	const calls = refusal ? [] : callsIn(message, asString(at(json, 'id')), tools);
	const word = asCode(at(choice, 'finish_reason'));
	const finishReason = refusal ? 'content_filter' : finishReasonOf(word, text, calls.length > 0);
	const isDone = finishReason === 'stop' || finishReason === 'tool_calls';
	const whole = isDone ? calls : calls.filter(isWhole);
	const keepsake = keepsakeOf(message, whole);
	return {
		kind: 'completion',
		text: refusal ? '' : text,
		...(whole.length > 0 && { toolCalls: whole.map(({ call }) => call) }),
		...(keepsake !== undefined && { keepsake }),
		finishReason,
		...(refusal ? { finishDetail: 'refusal' } : !isDone && word !== undefined ? { finishDetail: word } : {}),
		...(usage !== undefined && { usage }),
		model: asName(at(json, 'model')) ?? requestedModel,
	};
}

interface ReadCall {
	readonly call: ToolCall;
	readonly sent: unknown;
}

/**
 * The tool calls, in the current form or the old `function_call`. Missing or repeated IDs are replaced by derived ones.
 */
function callsIn(
	message: Readonly<Record<string, unknown>>,
	replyId: string | undefined,
	tools: readonly Tool[],
): readonly ReadCall[] {
	const listed = asArray(message['tool_calls']) ?? [];
	const sent = listed.length > 0 ? listed : [{ function: message['function_call'] }];
	const calls = new Map<string, ReadCall>();
	for (const [index, one] of sent.entries()) {
		const wish = asRecord(at(one, 'function'));
		if (wish === undefined) continue;
		const call = readCall(asString(at(one, 'id')) ?? '', asString(wish['name']) ?? '', wish['arguments'], tools);
		const same = calls.get(call.id)?.call;
		if (same?.name === call.name && same.argumentsText === call.argumentsText && call.id !== '') continue;
		const isFree = call.id !== '' && same === undefined;
		const id = isFree ? call.id : madeId(replyId, index, call.name, call.argumentsText);
		calls.set(id, { call: { ...call, id }, sent: one });
	}
	return [...calls.values()];
}

/** A call whose arguments are not a JSON object was cut off by the output limit and is dropped. */
function isWhole({ call }: ReadCall): boolean {
	return asRecord(parseJson(call.argumentsText)) !== undefined;
}

/**
 * The keepsake: data that must be sent back with the tool calls in the next request. DeepSeek and Kimi require their
 * reasoning, OpenRouter needs it to keep the underlying vendor's reasoning, and Gemini signs its calls.
 */
function keepsakeOf(message: Readonly<Record<string, unknown>>, calls: readonly ReadCall[]): ChatKeepsake | undefined {
	if (calls.length === 0) return undefined;
	const reasoning = asString(message['reasoning_content']);
	const details = asArray(message['reasoning_details']) ?? [];
	const extras = calls.map(({ sent }) => asRecord(at(sent, 'extra_content')) ?? null);
	if (!reasoning && details.length === 0 && extras.every((extra) => extra === null)) return undefined;
	return {
		...(reasoning && { reasoning }),
		...(details.length > 0 && { details }),
		extras,
	};
}

/** The answer's text. Some servers send typed parts: reasoning parts and a leading `<think>` section are left out. */
function answerText(content: unknown): string {
	const text =
		asString(content) ??
		(asArray(content) ?? [])
			.filter((part) => ['text', 'output_text'].includes(asString(at(part, 'type')) ?? 'text'))
			.map((part) => asString(part) ?? asString(at(part, 'text')) ?? '')
			.join('');
	return text.replace(/^\s*<think>[\s\S]*?<\/think>\s*/, '');
}

function finishReasonOf(word: string | undefined, text: string, hasCalls: boolean): FinishReason {
	const done = hasCalls ? 'tool_calls' : 'stop';
	switch (word?.toLowerCase()) {
		case 'stop':
		case 'eos':
		case 'eos_token':
		case 'stop_sequence':
		case 'end_turn':
		case 'complete':
			return done;
		case 'tool_calls':
		case 'tool_call':
		case 'tool_use':
		case 'function_call':
			return 'tool_calls';
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
			return text === '' && !hasCalls ? 'other' : done;
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
	const specialRate = specialRateOf(json);
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

/**
 * xAI does not include reasoning tokens in the completion tokens, and Gemini does not report them at all; both are
 * found by comparing with the total.
 */
function outputOf(usage: unknown, inputTokens: number, completionTokens: number) {
	const named = asCount(at(usage, 'completion_tokens_details', 'reasoning_tokens'));
	const beside = (asCount(at(usage, 'total_tokens')) ?? 0) - inputTokens - completionTokens;
	return beside > 0 && (named ?? beside) === beside
		? { outputTokens: completionTokens + beside, reasoningTokens: beside }
		: { outputTokens: completionTokens, reasoningTokens: named ?? 0 };
}

/**
 * What OpenRouter charged, in USD (one credit is one USD). If the user's own vendor key is used there, the vendor's
 * price is added. Undefined if an amount is missing.
 */
function billedUsdOf(usage: unknown): number | undefined {
	const taken = asAmount(at(usage, 'cost'));
	if (taken === undefined || at(usage, 'is_byok') !== true) return taken;
	const besides = asAmount(at(usage, 'cost_details', 'upstream_inference_cost'));
	return besides === undefined ? undefined : taken + besides;
}

/** The service tier of a request, if it has a price other than the standard one. */
export function specialRateOf(json: unknown): string | undefined {
	return otherThan(['default', 'standard', 'auto', 'on_demand'], at(json, 'service_tier'));
}
