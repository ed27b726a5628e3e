export interface Attachment {
	readonly kind: 'image' | 'pdf';
	readonly mimeType: string;
	readonly base64: string;
	readonly fileName: string;
}

export type OutputFormat =
	| { readonly kind: 'text' }
	| { readonly kind: 'json' }
	| { readonly kind: 'jsonSchema'; readonly schema: Readonly<Record<string, unknown>> };

/** What a task asks, whichever model answers. */
export interface TaskContent {
	readonly prompt: string;
	/** Empty: none is sent. */
	readonly systemMessage: string;
	readonly attachments: readonly Attachment[];
	readonly output: OutputFormat;
}

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

/** An answer that failed a check, shown back to the model with what was wrong. */
export interface Repair {
	readonly answer: string;
	readonly problems: readonly string[];
}

/** One call, complete: everything an adapter needs to build its vendor's request. */
export interface CompletionRequest {
	readonly content: TaskContent;
	readonly settings: ModelSettings;
	/**
	 * Parameters this server refused before. An adapter leaves them out; `maxOutputTokens` means "under the other name"
	 * where a vendor has two, and `outputFormat` means "ask for JSON in words instead".
	 */
	readonly dropped: readonly DroppableParameter[];
	readonly repair?: Repair;
}
