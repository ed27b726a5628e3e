import type { Conversation } from './conversation';
import type { LiveReader } from './live-text';

export const reasoningEfforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

/** The model of one step and its parameters. */
export interface ModelSettings {
	readonly model: string;
	/** Output limit in tokens, reasoning included where the vendor counts it. */
	readonly maxOutputTokens: number;
	/** Sent only when set, and only where the model takes it. */
	readonly temperature?: number;
	/** Sent only when set, and only where the model takes it. */
	readonly reasoningEffort?: ReasoningEffort;
	/** Context window in tokens, prompt and answer together. Undefined: unknown. */
	readonly contextWindow?: number;
}

/** Parameters that can be left out of a request after the server has refused them. */
export type DroppableParameter = 'temperature' | 'reasoningEffort' | 'maxOutputTokens' | 'outputFormat';

/** Everything an adapter needs to build one request to its vendor. */
export interface CompletionRequest {
	/** The conversation; in a retry after an invalid answer, with the messages that ask for a repair. */
	readonly content: Conversation;
	readonly settings: ModelSettings;
	/**
	 * Parameters this server refused before. The adapter leaves them out, with two exceptions: for `maxOutputTokens` it
	 * uses the vendor's other parameter name, if there are two, and for `outputFormat` it asks for JSON in the prompt.
	 */
	readonly dropped: readonly DroppableParameter[];
	/**
	 * Receives the answer's text while it is streamed; all pieces together are the completion's text. Absent: no
	 * streaming. An adapter that cannot stream the text exactly so never calls it.
	 */
	readonly live?: LiveReader;
}
