import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { Tool, ToolCall } from '../../engine/conversation';
import { argumentsTextOf } from '../conversation/call-arguments';
import { madeId } from '../conversation/call-ids';
import { ownName } from '../conversation/tool-names';
import { at } from '../json/json-path';
import { asArray, asCount, asName, asRecord, asRequestId, asString } from '../json/json-reader';
import { toolNameRule } from './tools';

/**
 * Reads the body of a reply with status 200. Undefined if it is not a finished answer: no message, not done, or the
 * model was only loaded.
 */
export function fromOllamaReply(
	body: unknown,
	requestedModel: string,
	contextWindow?: number,
	tools: readonly Tool[] = [],
): Completion | undefined {
	const toolCalls = toolCallsOf(body, tools);
	const text = asString(at(body, 'message', 'content')) ?? (toolCalls.length > 0 ? '' : undefined);
	const thinking = asString(at(body, 'message', 'thinking')) ?? '';
	const doneReason = asString(at(body, 'done_reason'));
	if (text === undefined || at(body, 'done') !== true) return undefined;
	if (doneReason === 'load' || doneReason === 'unload') return undefined;

	const usage = usageOf(body);
	const total = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens;
	const isFull = contextWindow !== undefined && total >= contextWindow;
	const finishReason =
		isFull && doneReason === 'length' ? 'context_window' : finishReasonOf(doneReason, toolCalls.length > 0);
	return {
		kind: 'completion',
		text: withoutThoughts(text),
		...(toolCalls.length > 0 && { toolCalls }),
		...(toolCalls.length > 0 && thinking !== '' && { keepsake: thinking }),
		finishReason,
		...(finishReason === 'other' && { finishDetail: 'no known done_reason' }),
		...(usage !== undefined && { usage }),
		model: asName(at(body, 'model')) ?? requestedModel,
	};
}

/** Ollama's token count of the prompt. Undefined if it was missing or 0, which also means that it is unknown. */
export function promptTokensOf(body: unknown): number | undefined {
	const count = asCount(at(body, 'prompt_eval_count'));
	return count === 0 ? undefined : count;
}

/** The tool calls. Calls without an ID (Ollama before 0.12) or with a repeated one get an ID derived from the reply. */
function toolCallsOf(body: unknown, tools: readonly Tool[]): readonly ToolCall[] {
	const created = asString(at(body, 'created_at'));
	const promptTokens = promptTokensOf(body);
	const taken = new Set<string>();
	return (asArray(at(body, 'message', 'tool_calls')) ?? []).filter(asRecord).map((call, index) => {
		const name = asString(at(call, 'function', 'name')) ?? '';
		const argumentsText = argumentsTextOf(at(call, 'function', 'arguments'));
		const own = asRequestId(at(call, 'id'));
		const id = own === undefined || taken.has(own) ? madeId(created, promptTokens, index, name, argumentsText) : own;
		taken.add(id);
		return { id, name: ownName(name, tools, toolNameRule), argumentsText };
	});
}

/** Ollama reports `stop` also for an answer that waits for tool results. */
function finishReasonOf(doneReason: string | undefined, callsTools: boolean): FinishReason {
	if (doneReason === 'stop') return callsTools ? 'tool_calls' : 'stop';
	return doneReason === 'length' ? 'length' : 'other';
}

/**
 * Removes a leading `<think>` section. Reasoning normally has its own field, but if Ollama does not know the model's
 * template, the reasoning is part of the text.
 */
function withoutThoughts(text: string): string {
	return text.replace(/^\s*<think>[\s\S]*?<\/think>\s*/, '');
}

function usageOf(body: unknown): Usage | undefined {
	const inputTokens = promptTokensOf(body);
	const outputTokens = asCount(at(body, 'eval_count'));
	if (inputTokens === undefined || outputTokens === undefined) return undefined;
	const cachedInputTokens = Math.min(asCount(at(body, 'prompt_eval_cached_count')) ?? 0, inputTokens);
	return { inputTokens, outputTokens, cachedInputTokens, reasoningTokens: 0 };
}
