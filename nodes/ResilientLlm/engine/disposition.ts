import type { Failure, FailureReason } from './failure';
import { failureTable, type Disposition } from './failure-table';
import type { DroppableParameter } from './request';
import type { TaskRules } from './task';

/** What has been tried at a step when one of its calls fails. */
export interface StepHistory {
	/** Calls made so far, this one included. */
	readonly calls: number;
	readonly maxAttempts: number;
	/** Reasons for which the step was already called again. */
	readonly retriedFor: ReadonlySet<FailureReason>;
	/** Parameters that the last request already left out. */
	readonly dropped: readonly DroppableParameter[];
}

/** What the chain does after this failure, according to the failure table and the user's rules. */
export function dispositionOf(failure: Failure, history: StepHistory, rules: TaskRules): Disposition {
	return history.calls < history.maxAttempts && mayRetry(failure, history) ? 'retry' : afterRetries(failure, rules);
}

function mayRetry(failure: Failure, { retriedFor, dropped }: StepHistory): boolean {
	const { retry } = failureTable[failure.reason];
	if (failure.reason === 'unsupported_parameter') {
		// Retried once per parameter. The server's retry advice is ignored here: it is about the unchanged request.
		return failure.parameter !== undefined && !dropped.includes(failure.parameter);
	}
	if (failure.retryAdvice !== undefined) return failure.retryAdvice === 'retry';
	return retry === 'yes' || (retry === 'once' && !retriedFor.has(failure.reason));
}

function afterRetries({ reason }: Failure, rules: TaskRules): Exclude<Disposition, 'retry'> {
	if (reason === 'truncated' && rules.onTruncated === 'escalate') return 'escalate';
	if (reason === 'content_blocked') return rules.onBlocked;
	if (reason === 'invalid_request') return rules.onInvalidRequest;
	return failureTable[reason].then;
}
