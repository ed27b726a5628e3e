import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { Tool, ToolCall } from '../../engine/conversation';
import { deepestJson, isDeeperThan } from '../../engine/json-depth';
import { argumentsTextOf } from '../conversation/call-arguments';
import { madeId } from '../conversation/call-ids';
import { ownName } from '../conversation/tool-names';
import { at } from '../json/json-path';
import { asArray, asCode, asCount, asName, asString, otherThan } from '../json/json-reader';
import { toolNameRule } from './tools';

/** Reads the body of a reply with status 200 to a request that offered `tools`. Undefined if it is not a message. */
export function fromMessagesReply(
	json: unknown,
	requestedModel: string,
	tools: readonly Tool[] = [],
): Completion | undefined {
	const blocks = asArray(at(json, 'content'));
	if (blocks === undefined) return undefined;
	const word = asCode(at(json, 'stop_reason'));
	const finishReason = finishReasonOf(word);
	const isWhole = finishReason === 'stop' || finishReason === 'tool_calls';
	const usage = usageOf(at(json, 'usage'));
	const category = asCode(at(json, 'stop_details', 'category'));
	const detail = finishReason === 'content_filter' && category !== undefined ? `refusal: ${category}` : word;
	// If the answer was cut off, its last tool call may look complete but lack some arguments, so no calls are used.
	const toolCalls = isWhole ? toolCallsIn(blocks, asString(at(json, 'id')), tools) : [];
	return {
		kind: 'completion',
		text: finishReason === 'content_filter' ? '' : answerText(blocks),
		...(toolCalls.length > 0 && { toolCalls }),
		...(isWhole && blocks.some(isThinking) && !isDeeperThan(deepestJson, blocks) && { keepsake: blocks }),
		finishReason,
		...(!isWhole && detail !== undefined && { finishDetail: detail }),
		...(usage !== undefined && { usage }),
		model: asName(at(json, 'model')) ?? requestedModel,
	};
}

export function answerText(blocks: readonly unknown[]): string {
	return blocks.map((block) => (at(block, 'type') === 'text' ? (asString(at(block, 'text')) ?? '') : '')).join('');
}

/** Thinking blocks, plain or encrypted. Only the model that wrote them can use them. */
export function isThinking(block: unknown): boolean {
	const type = at(block, 'type');
	return type === 'thinking' || type === 'redacted_thinking';
}

/** Compatible servers may leave out the IDs of tool calls; such calls get an ID derived from the reply. */
function toolCallsIn(blocks: readonly unknown[], reply: string | undefined, tools: readonly Tool[]): ToolCall[] {
	return blocks.flatMap((block, index) => {
		if (at(block, 'type') !== 'tool_use') return [];
		const name = ownName(asString(at(block, 'name')) ?? '', tools, toolNameRule);
		const argumentsText = argumentsTextOf(at(block, 'input'));
		return { id: asString(at(block, 'id')) || madeId(reply, index, name, argumentsText), name, argumentsText };
	});
}

function finishReasonOf(word: string | undefined): FinishReason {
	switch (word) {
		case 'end_turn':
		case 'stop_sequence':
			return 'stop';
		case 'tool_use':
			return 'tool_calls';
		case 'max_tokens':
			return 'length';
		case 'model_context_window_exceeded':
			return 'context_window';
		case 'refusal':
			return 'content_filter';
		default:
			return 'other';
	}
}

/** Anthropic reports tokens read from and written to its cache separately; `input_tokens` does not include them. */
function usageOf(usage: unknown): Usage | undefined {
	const fresh = asCount(at(usage, 'input_tokens'));
	const outputTokens = asCount(at(usage, 'output_tokens'));
	if (fresh === undefined || outputTokens === undefined) return undefined;
	const cachedInputTokens = asCount(at(usage, 'cache_read_input_tokens')) ?? 0;
	const written = asCount(at(usage, 'cache_creation_input_tokens')) ?? 0;
	const forAnHour = Math.min(asCount(at(usage, 'cache_creation', 'ephemeral_1h_input_tokens')) ?? 0, written);
	const specialRate = specialRateOf(usage);
	return {
		inputTokens: fresh + cachedInputTokens + written,
		outputTokens,
		cachedInputTokens,
		reasoningTokens: asCount(at(usage, 'output_tokens_details', 'thinking_tokens')) ?? 0,
		...(written > 0 && { cacheWriteTokens: written }),
		...(forAnHour > 0 && { hourLongCacheWriteTokens: forAnHour }),
		...(specialRate !== undefined && { specialRate }),
	};
}

/** A workspace can set a service tier, speed or region for all its calls; each of these has its own price. */
function specialRateOf(usage: unknown): string | undefined {
	return (
		otherThan(['standard'], at(usage, 'service_tier')) ??
		otherThan(['standard'], at(usage, 'speed')) ??
		otherThan(['global', 'not_available'], at(usage, 'inference_geo'))
	);
}
