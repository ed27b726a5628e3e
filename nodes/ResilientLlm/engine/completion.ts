import type { ToolCall } from './conversation';

/** Token counts of one reply, with the same meaning for every vendor. */
export interface Usage {
	/** All input tokens, cached ones included. */
	readonly inputTokens: number;
	/** All output tokens, reasoning included. */
	readonly outputTokens: number;
	/** The part of `inputTokens` that came from the vendor's prompt cache. */
	readonly cachedInputTokens: number;
	/** The part of `outputTokens` spent on reasoning. */
	readonly reasoningTokens: number;
	/** The part of `inputTokens` written to the vendor's prompt cache, which may cost more. Absent: none. */
	readonly cacheWriteTokens?: number;
	/** The part of `cacheWriteTokens` cached for one hour, which costs more than other cache writes. Absent: none. */
	readonly hourLongCacheWriteTokens?: number;
	/** The vendor's name for a service tier whose prices differ: `priority`, `batch`, `fast`. Absent: standard prices. */
	readonly specialRate?: string;
	/** What the server says it billed for this call, in USD. Absent: not reported. */
	readonly billedUsd?: number;
}

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 };

/**
 * Why the model stopped.
 * - `stop`: the answer is finished.
 * - `tool_calls`: the model waits for the results of tools.
 * - `length`: the output limit cut the answer off.
 * - `context_window`: prompt and answer together filled the model's context window.
 * - `content_filter`: the model or a safety filter refused.
 * - `other`: anything else; never a finished answer.
 */
export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'context_window' | 'content_filter' | 'other';

/** A model's reply, before `checkAnswer` has checked it. */
export interface Completion {
	readonly kind: 'completion';
	/** The answer's text, without the model's reasoning. May be empty. */
	readonly text: string;
	/** In the order in which the model wrote them. Absent: none. */
	readonly toolCalls?: readonly ToolCall[];
	/** See `Keepsake.content`. Absent: there is nothing to keep. */
	readonly keepsake?: unknown;
	readonly finishReason: FinishReason;
	/** The vendor's own term for why the model stopped, or its explanation of a refusal. Used in messages only. */
	readonly finishDetail?: string;
	/** Undefined when the server did not report it. */
	readonly usage?: Usage;
	/** The model that answered, as the server names it. */
	readonly model: string;
	readonly requestId?: string;
	/** Messages for the user about what the adapter had to leave out or change for this vendor. */
	readonly warnings?: readonly string[];
}
