import type { Completion, FinishReason, Usage } from '../../engine/completion';
import { at } from '../json/json-path';
import { asCount, asName, asString } from '../json/json-reader';

/** Reads the body of a 200. Undefined when it is not a finished answer: no message, not done, or only a model load. */
export function fromOllamaReply(body: unknown, requestedModel: string, contextWindow?: number): Completion | undefined {
	const text = asString(at(body, 'message', 'content'));
	const doneReason = asString(at(body, 'done_reason'));
	if (text === undefined || at(body, 'done') !== true) return undefined;
	if (doneReason === 'load' || doneReason === 'unload') return undefined;

	const usage = usageOf(body);
	const total = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens;
	const isFull = contextWindow !== undefined && total >= contextWindow;
	const finishReason = isFull && doneReason === 'length' ? 'context_window' : finishReasonOf(doneReason);
	return {
		kind: 'completion',
		text: withoutThoughts(text),
		finishReason,
		...(finishReason === 'other' && { finishDetail: 'no known done_reason' }),
		...(usage !== undefined && { usage }),
		model: asName(at(body, 'model')) ?? requestedModel,
	};
}

/** What Ollama counted as the prompt. Undefined when it did not say; it then leaves the count out or says 0. */
export function promptTokensOf(body: unknown): number | undefined {
	const count = asCount(at(body, 'prompt_eval_count'));
	return count === 0 ? undefined : count;
}

function finishReasonOf(doneReason: string | undefined): FinishReason {
	if (doneReason === 'stop') return 'stop';
	return doneReason === 'length' ? 'length' : 'other';
}

/**
 * Thoughts have a field of their own, but a model whose template Ollama does not know writes them before its answer.
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
