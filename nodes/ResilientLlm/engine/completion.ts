import type { ToolCall } from './conversation';

/** Tokens of one reply, counted the same way for every vendor. */
export interface Usage {
	/** All tokens the model read, cached ones included. */
	readonly inputTokens: number;
	/** All tokens the model wrote, reasoning included. */
	readonly outputTokens: number;
	/** The part of `inputTokens` that came from the vendor's prompt cache. */
	readonly cachedInputTokens: number;
	/** The part of `outputTokens` spent on reasoning. */
	readonly reasoningTokens: number;
	/** The part of `inputTokens` that went into the vendor's prompt cache, which may cost more. Absent: none. */
	readonly cacheWriteTokens?: number;
	/** The part of `cacheWriteTokens` that stays there for an hour, which costs more again. Absent: none. */
	readonly hourLongCacheWriteTokens?: number;
	/** Why the vendor's standard rate does not hold, in its own word: `priority`, `batch`, `fast`. Absent: it holds. */
	readonly specialRate?: string;
	/** What the server says this call was billed, in USD. Absent: it did not say. */
	readonly billedUsd?: number;
}

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 };

/**
 * Why the model stopped.
 * `stop`: it was done. `tool_calls`: it waits for tools to be run. `length`: the output limit cut it off. `context_window`: prompt and answer together filled the
 * model's context. `content_filter`: it refused, or a safety system did. `other`: anything else, never a finished
 * answer.
 */
export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'context_window' | 'content_filter' | 'other';

/** What a model said, before anyone checked it. */
export interface Completion {
	readonly kind: 'completion';
	/** The answer's text, without the model's reasoning. May be empty. */
	readonly text: string;
	/** In the order in which the model wrote them. Absent: none. */
	readonly toolCalls?: readonly ToolCall[];
	/** See `Keepsake.content`. Absent: there is nothing to keep. */
	readonly keepsake?: unknown;
	readonly finishReason: FinishReason;
	/** The vendor's own word for why it stopped, or its explanation of a refusal. For the trail only. */
	readonly finishDetail?: string;
	/** Undefined when the server did not report it. */
	readonly usage?: Usage;
	/** The model that answered, as the server names it. */
	readonly model: string;
	readonly requestId?: string;
	/** What the adapter had to leave out or change to be understood, in words for the user. */
	readonly warnings?: readonly string[];
}
