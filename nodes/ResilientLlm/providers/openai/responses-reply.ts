import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { Tool, ToolCall } from '../../engine/conversation';
import { at } from '../json/json-path';
import { asArray, asCode, asCount, asName, asRecord, asString, parseJson } from '../json/json-reader';
import { specialRateOf } from './reply';
import { isKept, messageText, type OutputItem } from './responses-items';
import { readCall } from './tools';

/** Reads the body of a reply with status 200. Undefined if it has neither an answer nor token usage. */
export function fromResponsesReply(
	json: unknown,
	requestedModel: string,
	tools: readonly Tool[],
): Completion | undefined {
	const output = asArray(at(json, 'output'));
	const usage = usageOf(json);
	if (output === undefined && usage === undefined) return undefined;

	const items = (output ?? []).filter(isKept);
	const isRefused = items.some(
		(item) => item.type === 'message' && item.content.some((part) => at(part, 'type') === 'refusal'),
	);
	const text = isRefused ? '' : messageText(items);
	const calls = isRefused ? [] : callsIn(items, tools);
	const word = asCode(at(json, 'incomplete_details', 'reason')) ?? asCode(at(json, 'status'));
	const finishReason = isRefused ? 'content_filter' : finishReasonOf(word, text, calls.length > 0);
	const isDone = finishReason === 'stop' || finishReason === 'tool_calls';
	const toolCalls = isDone ? calls : calls.filter(isWhole);
	const kept = isDone ? itemsToKeep(items) : [];
	return {
		kind: 'completion',
		text,
		...(toolCalls.length > 0 && { toolCalls }),
		...(kept.length > 0 && { keepsake: { items: kept } }),
		finishReason,
		...(isRefused ? { finishDetail: 'refusal' } : !isDone && word !== undefined ? { finishDetail: word } : {}),
		...(usage !== undefined && { usage }),
		model: asName(at(json, 'model')) ?? requestedModel,
	};
}

function callsIn(items: readonly OutputItem[], tools: readonly Tool[]): readonly ToolCall[] {
	return items.flatMap((item) =>
		item.type === 'function_call' ? [readCall(item.call_id, asString(item.name) ?? '', item.arguments, tools)] : [],
	);
}

/** A call whose arguments are not a JSON object was cut off by the output limit and is dropped. */
function isWhole({ argumentsText }: ToolCall): boolean {
	return asRecord(parseJson(argumentsText)) !== undefined;
}

/**
 * The items for the keepsake, the data that is sent back to the model with the next request. Empty if there is no
 * reasoning among them. Trailing reasoning is dropped, because the API rejects reasoning that nothing follows.
 */
function itemsToKeep(items: readonly OutputItem[]): readonly OutputItem[] {
	const end = items.findLastIndex(({ type }) => type !== 'reasoning') + 1;
	const kept = items.slice(0, end);
	return kept.some(({ type }) => type === 'reasoning') ? kept : [];
}

function finishReasonOf(word: string | undefined, text: string, hasCalls: boolean): FinishReason {
	const done = hasCalls ? 'tool_calls' : 'stop';
	switch (word) {
		case 'completed':
			return done;
		case 'max_output_tokens':
			return 'length';
		case 'content_filter':
			return 'content_filter';
		case undefined:
			return text === '' && !hasCalls ? 'other' : done;
		default:
			return 'other';
	}
}

function usageOf(json: unknown): Usage | undefined {
	const usage = at(json, 'usage');
	const inputTokens = asCount(at(usage, 'input_tokens'));
	const outputTokens = asCount(at(usage, 'output_tokens'));
	if (inputTokens === undefined || outputTokens === undefined) return undefined;
	const cachedInputTokens = Math.min(asCount(at(usage, 'input_tokens_details', 'cached_tokens')) ?? 0, inputTokens);
	const written = asCount(at(usage, 'input_tokens_details', 'cache_write_tokens')) ?? 0;
	const cacheWriteTokens = Math.min(written, inputTokens - cachedInputTokens);
	const specialRate = specialRateOf(json);
	return {
		inputTokens,
		outputTokens,
		cachedInputTokens,
		reasoningTokens: Math.min(asCount(at(usage, 'output_tokens_details', 'reasoning_tokens')) ?? 0, outputTokens),
		...(cacheWriteTokens > 0 && { cacheWriteTokens }),
		...(specialRate !== undefined && { specialRate }),
	};
}
