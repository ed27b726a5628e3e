import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { SdkChunk, SdkContent, SdkFinishReason, SdkResult, SdkUsage } from '../../host/ai-node-sdk';

export function answerForN8n(completion: Completion): SdkResult {
	const { text, toolCalls = [], finishReason, usage, requestId } = completion;
	const content: SdkContent[] = [
		...(text === '' ? [] : [{ type: 'text' as const, text }]),
		...toolCalls.map(({ id, name, argumentsText }) => ({
			type: 'tool-call' as const,
			toolCallId: id,
			toolName: name,
			input: argumentsText,
		})),
	];
	return {
		...(requestId !== undefined && { id: requestId }),
		finishReason: finishReasons[finishReason],
		...(usage !== undefined && { usage: usageForN8n(usage) }),
		message: { role: 'assistant', content },
	};
}

/**
 * A complete answer as stream chunks. Each tool call is one chunk, because n8n mixes up calls that arrive in pieces.
 */
export function chunksForN8n({ text, toolCalls = [], finishReason, usage }: Completion): readonly SdkChunk[] {
	return [
		...(text === '' ? [] : [{ type: 'text-delta' as const, delta: text }]),
		...toolCalls.map(({ id, name, argumentsText }) => ({
			type: 'tool-call-delta' as const,
			id,
			name,
			argumentsDelta: argumentsText,
		})),
		{
			type: 'finish',
			finishReason: finishReasons[finishReason],
			...(usage !== undefined && { usage: usageForN8n(usage) }),
		},
	];
}

const finishReasons: Readonly<Record<FinishReason, SdkFinishReason>> = {
	stop: 'stop',
	tool_calls: 'tool-calls',
	length: 'length',
	context_window: 'length',
	content_filter: 'content-filter',
	other: 'other',
};

export function usageForN8n({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: Usage): SdkUsage {
	return {
		promptTokens: inputTokens,
		completionTokens: outputTokens,
		totalTokens: inputTokens + outputTokens,
		inputTokenDetails: { cacheRead: cachedInputTokens },
		outputTokenDetails: { reasoning: reasoningTokens },
	};
}
