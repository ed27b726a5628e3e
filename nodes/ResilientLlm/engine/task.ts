import type { Expected } from './answer-check';
import type { Usage } from './completion';
import type { Conversation } from './conversation';
import type { MonotonicMs } from './clock';
import type { LiveReader } from './live-text';
import type { Provider } from './provider';
import type { ModelSettings } from './request';

/** One entry of the provider order. */
export interface Step {
	/** The provider's id, for the trail: `anthropic`, `openAi`, … */
	readonly provider: string;
	/** The provider's display name: "Anthropic". */
	readonly label: string;
	/**
	 * Identifies what circuit breaker and rate limit gate watch: provider, base URL, model and credential as one opaque
	 * key.
	 */
	readonly target: string;
	readonly settings: ModelSettings;
	/** Total calls of this step, at least 1. */
	readonly maxAttempts: number;
	/** Timeout of one attempt, in ms, response body included. */
	readonly attemptTimeoutMs: number;
	readonly complete: Provider['complete'];
	/** USD for this usage by the model that served it; null when the price is unknown. */
	readonly price: (usage: Usage, servedModel: string) => number | null;
}

/**
 * `any`: every model may answer. `high`: only the first step. `review`: every model, but a human reviews the answer.
 */
export type Confidence = 'any' | 'high' | 'review';

/** The user's overrides of the failure table. */
export interface TaskRules {
	/**
	 * For an answer still truncated after one retry with a larger limit: try the next step, accept it with a flag, or
	 * escalate.
	 */
	readonly onTruncated: 'failover' | 'accept' | 'escalate';
	readonly onBlocked: 'failover' | 'escalate';
	readonly onInvalidRequest: 'failover' | 'escalate';
}

/** Pauses between attempts of one step. */
export interface RetryPolicy {
	/** Base delay of the backoff, in ms. Default 1000. */
	readonly baseDelayMs: number;
	/** Longest backoff, in ms; a server's Retry-After may be longer. Default 30000. */
	readonly maxDelayMs: number;
}

/** One task: what to ask, which models to call, and by which rules. */
export interface Task extends Pick<Expected, 'schemaProblems' | 'argumentProblems'> {
	readonly content: Conversation;
	readonly steps: readonly Step[];
	/** The execution that the task belongs to: at a rate limit, executions take turns, however many tasks each has. */
	readonly execution: string;
	readonly confidence: Confidence;
	/** When the whole task must have ended: a time, not a duration. */
	readonly deadline: MonotonicMs;
	readonly retryPolicy: RetryPolicy;
	readonly rules: TaskRules;
	/** Receives the answer while it is streamed. Absent: only a complete, checked answer leaves the chain. */
	readonly live?: LiveReader;
	/** Aborts when the execution is cancelled. */
	readonly cancel: AbortSignal;
}
