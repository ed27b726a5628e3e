import type { FailureReason } from './failure';

/** What the chain does after a failed attempt. */
export type Disposition = 'retry' | 'failover' | 'escalate' | 'stop';

/**
 * How a failure affects the circuit breaker: it `counts` as one service failure, `opens` the circuit at once, or is
 * `ignored` because it says nothing about the service's health.
 */
export type BreakerEffect = 'counts' | 'opens' | 'ignored';

export interface FailureRow {
	/** Whether the same step is called again for this reason: `yes`, up to its `maxAttempts`; `once`; or `no`. */
	readonly retry: 'yes' | 'once' | 'no';
	/** What follows when the step is not called again. */
	readonly then: Exclude<Disposition, 'retry'>;
	readonly breaker: BreakerEffect;
	/** Completes "Anthropic …" in the sentence that explains an escalation. */
	readonly phrase: string;
	/** What the reason means, for the person who reads the trail. */
	readonly meaning: string;
	/** What is special about a retry or about the next steps, for the README; empty: nothing. */
	readonly remark: string;
}

/** Decides what happens after each failure. The table in the README is generated from it. */
export const failureTable: Readonly<Record<FailureReason, FailureRow>> = {
	rate_limited: {
		retry: 'yes',
		then: 'failover',
		breaker: 'counts',
		phrase: 'rate limited',
		meaning: 'Too many requests or tokens for now',
		remark: 'Retry-After is the shortest pause',
	},
	quota_exhausted: {
		retry: 'no',
		then: 'failover',
		breaker: 'opens',
		phrase: 'out of quota',
		meaning: 'No money or quota left',
		remark: '',
	},
	overloaded: {
		retry: 'yes',
		then: 'failover',
		breaker: 'counts',
		phrase: 'overloaded',
		meaning: 'The service has no capacity (529, 503)',
		remark: '',
	},
	server_error: {
		retry: 'yes',
		then: 'failover',
		breaker: 'counts',
		phrase: 'broken',
		meaning: 'The service broke (500, 502, 504)',
		remark: '',
	},
	timeout: {
		retry: 'yes',
		then: 'failover',
		breaker: 'counts',
		phrase: 'timed out',
		meaning: 'No complete answer within the step’s timeout',
		remark: '',
	},
	network: {
		retry: 'yes',
		then: 'failover',
		breaker: 'counts',
		phrase: 'unreachable',
		meaning: 'Refused, reset, unknown host, bad certificate',
		remark: '',
	},
	bad_response: {
		retry: 'once',
		then: 'failover',
		breaker: 'counts',
		phrase: 'gave no usable response',
		meaning: 'HTML, broken JSON, no answer in it, an error inside a 200',
		remark: '',
	},
	authentication: {
		retry: 'no',
		then: 'failover',
		breaker: 'opens',
		phrase: 'refused the key',
		meaning: 'The key is wrong or missing',
		remark: '',
	},
	permission_denied: {
		retry: 'no',
		then: 'failover',
		breaker: 'opens',
		phrase: 'denied access',
		meaning: 'The key may not do this, or a network rule forbids it',
		remark: '',
	},
	model_not_found: {
		retry: 'no',
		then: 'failover',
		breaker: 'opens',
		phrase: 'does not know the model',
		meaning: 'The model does not exist for this account',
		remark: '',
	},
	context_too_long: {
		retry: 'no',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'cannot hold the prompt',
		meaning: 'The prompt does not fit the model',
		remark:
			'Only steps come next whose context window is larger or unknown, or certainly holds the prompt; none left: escalate',
	},
	request_too_large: {
		retry: 'no',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'cannot take a request this large',
		meaning: 'The request has too many bytes',
		remark:
			'Only steps come next whose context window is larger or unknown, or certainly holds the prompt; none left: escalate',
	},
	unsupported_parameter: {
		retry: 'once',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'does not take a parameter',
		meaning: 'The model does not take a parameter',
		remark: 'Called again without that parameter; a warning says so',
	},
	invalid_request: {
		retry: 'no',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'called the request invalid',
		meaning: 'The server calls the request invalid',
		remark: 'Option: escalate',
	},
	content_blocked: {
		retry: 'no',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'declined to answer',
		meaning: 'A refusal or a safety filter',
		remark: 'Option: escalate',
	},
	empty_output: {
		retry: 'once',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'gave an empty answer',
		meaning: 'An answer without text',
		remark: '',
	},
	truncated: {
		retry: 'once',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'was cut off',
		meaning: 'The output limit cut the answer off',
		remark: 'Called again with 4 × the limit; options: accept and flag, escalate',
	},
	invalid_output: {
		retry: 'once',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'gave invalid JSON',
		meaning: 'Not the JSON that was asked for',
		remark: 'Called again with what was wrong',
	},
	circuit_open: {
		retry: 'no',
		then: 'failover',
		breaker: 'ignored',
		phrase: 'skipped after repeated failures',
		meaning: 'Skipped: this target failed too often just now',
		remark: 'Costs nothing',
	},
	deadline_exceeded: {
		retry: 'no',
		then: 'escalate',
		breaker: 'ignored',
		phrase: 'not reached in time',
		meaning: 'The task’s time is up',
		remark: '',
	},
	cancelled: {
		retry: 'no',
		then: 'stop',
		breaker: 'ignored',
		phrase: 'cancelled',
		meaning: 'The execution was cancelled',
		remark: '',
	},
};
