import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type { ReplyContents } from '../vendor-rules/replies';

/** A completion in the words of the recorded replies. */
export function contentsOf({ text, toolCalls = [], finishReason, usage }: Completion): Omit<ReplyContents, 'keepsake'> {
	return {
		text,
		calls: toolCalls.map(({ name, argumentsText }) => ({
			name,
			args: JSON.parse(argumentsText) as Readonly<Record<string, unknown>>,
		})),
		finish: finishReason,
		usage:
			usage === undefined
				? null
				: {
						input: usage.inputTokens,
						output: usage.outputTokens,
						reasoning: usage.reasoningTokens,
						cacheRead: usage.cachedInputTokens,
						cacheWritten: usage.cacheWriteTokens ?? 0,
					},
	};
}
