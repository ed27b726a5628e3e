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
	/** The provider's name, for people: "Anthropic". */
	readonly label: string;
	/** What the circuit breaker watches: provider, base URL, model and credential as one opaque key. */
	readonly target: string;
	readonly settings: ModelSettings;
	/** Total calls of this step, at least 1. */
	readonly maxAttempts: number;
	/** Limit of one attempt, response body included. */
	readonly attemptTimeoutMs: number;
	readonly complete: Provider['complete'];
	/** USD for this usage by the model that served it; null when the price is unknown. */
	readonly price: (usage: Usage, servedModel: string) => number | null;
}

/** Which models may answer: any, only the first step, or none without a human's review. */
export type Confidence = 'any' | 'high' | 'review';

/** Where the user overrides the failure table. */
export interface TaskRules {
	/** After one retry with a larger limit: the next step, the cut answer with a flag, or a human. */
	readonly onTruncated: 'failover' | 'accept' | 'escalate';
	readonly onBlocked: 'failover' | 'escalate';
	readonly onInvalidRequest: 'failover' | 'escalate';
}

/** Pauses between attempts of one step. */
export interface RetryPolicy {
	/** First pause, in ms; each further one grows from it. Default 1000. */
	readonly baseDelayMs: number;
	/** No computed pause is longer, in ms; a server's Retry-After may be. Default 30000. */
	readonly maxDelayMs: number;
}

/** One item's work. */
export interface Task extends Pick<Expected, 'schemaProblems' | 'argumentProblems'> {
	readonly content: Conversation;
	readonly steps: readonly Step[];
	/** Whose work it is: at a rate limit, executions take turns, however many tasks each has. */
	readonly execution: string;
	readonly confidence: Confidence;
	/** The end of the whole task, as an instant. */
	readonly deadline: MonotonicMs;
	readonly retryPolicy: RetryPolicy;
	readonly rules: TaskRules;
	/** Reads the answer while it is written. Absent: nobody does, and only a whole answer leaves the chain. */
	readonly live?: LiveReader;
	/** Aborts when the execution is cancelled. */
	readonly cancel: AbortSignal;
}
