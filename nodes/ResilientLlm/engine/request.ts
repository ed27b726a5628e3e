import type { Conversation } from './conversation';
import type { LiveReader } from './live-text';

export const reasoningEfforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

/** How one step wants its model called. */
export interface ModelSettings {
	readonly model: string;
	/** Tokens, reasoning included where the vendor counts it so. */
	readonly maxOutputTokens: number;
	/** Sent only when set, and only where the model takes it. */
	readonly temperature?: number;
	/** Sent only when set, and only where the model takes it. */
	readonly reasoningEffort?: ReasoningEffort;
	/** Tokens the model can hold, prompt and answer together. Undefined: unknown. */
	readonly contextWindow?: number;
}

/** What a request can do without, once a server has said that it does not take it. */
export type DroppableParameter = 'temperature' | 'reasoningEffort' | 'maxOutputTokens' | 'outputFormat';

/** One call, complete: everything an adapter needs to build its vendor's request. */
export interface CompletionRequest {
	/** With what an earlier call of the same step teaches, such as what was wrong with its answer. */
	readonly content: Conversation;
	readonly settings: ModelSettings;
	/**
	 * Parameters this server refused before. An adapter leaves them out; `maxOutputTokens` means "under the other name"
	 * where a vendor has two, and `outputFormat` means "ask for JSON in words instead".
	 */
	readonly dropped: readonly DroppableParameter[];
	/**
	 * Who reads the text of the answer as it comes, when somebody does: all pieces together are the completion's text. An
	 * adapter that cannot tell it so tells nothing.
	 */
	readonly live?: LiveReader;
}
