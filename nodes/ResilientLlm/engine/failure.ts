import type { Completion, Usage } from './completion';
import type { DroppableParameter } from './request';

export const failureReasons = [
	'rate_limited',
	'quota_exhausted',
	'overloaded',
	'server_error',
	'timeout',
	'network',
	'bad_response',
	'authentication',
	'permission_denied',
	'model_not_found',
	'context_too_long',
	'request_too_large',
	'unsupported_parameter',
	'invalid_request',
	'content_blocked',
	'empty_output',
	'truncated',
	'invalid_output',
	'circuit_open',
	'deadline_exceeded',
	'cancelled',
] as const;

/** Why an attempt failed, or why a step was not tried. */
export type FailureReason = (typeof failureReasons)[number];

/** A failed attempt, as a value. Adapters report what happened; the chain decides what to do about it. */
export interface Failure {
	readonly kind: 'failure';
	readonly reason: FailureReason;
	/** One short line for a person: no secret, no prompt, no model output. */
	readonly message: string;
	/** Undefined when no HTTP reply came. */
	readonly httpStatus?: number;
	readonly requestId?: string;
	/** The pause that the server asked for in this reply (Retry-After), in ms. */
	readonly retryAfterMs?: number;
	/** The server's `x-should-retry` header, which overrides the failure table. */
	readonly retryAdvice?: 'retry' | 'no_retry';
	/** For `unsupported_parameter`: the refused parameter, if a request can be sent without it. */
	readonly parameter?: DroppableParameter;
	/** Tokens the failed call was billed for, when the server said so. */
	readonly usage?: Usage;
	/** The model that was billed, as the server names it. */
	readonly model?: string;
	/** The answer that failed a check, kept for the human. */
	readonly draft?: Completion;
	/** For `invalid_output`: what is wrong with the answer, worded so that a model can correct it. */
	readonly problems?: readonly string[];
}
