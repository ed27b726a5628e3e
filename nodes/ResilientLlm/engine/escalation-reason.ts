import type { Attempt } from './attempt';
import type { FailureReason } from './failure';
import { failureTable } from './failure-table';
import type { ReasonCode } from './outcome';
import type { Step } from './task';

/**
 * Reason codes for failures caused by the task and not by a service. Used when every step that was called ended with
 * the same code.
 */
const taskReasonCodes: Partial<Record<FailureReason, ReasonCode>> = {
	context_too_long: 'context_too_long',
	request_too_large: 'context_too_long',
	content_blocked: 'content_blocked',
	invalid_output: 'invalid_output',
	truncated: 'output_truncated',
	invalid_request: 'invalid_request',
};

/** The reason code when all steps failed or were skipped. */
export function reasonCodeOf(attempts: readonly Attempt[]): ReasonCode {
	const lastWords = new Map<number, FailureReason>();
	for (const attempt of attempts) {
		if (attempt.outcome === 'failed') lastWords.set(attempt.step, attempt.reason);
	}
	if (lastWords.size === 0) return attempts.some(isPassedOverForSize) ? 'context_too_long' : 'no_provider_available';
	const codes = new Set([...lastWords.values()].map((reason) => taskReasonCodes[reason]));
	const [only] = codes;
	return codes.size === 1 && only !== undefined ? only : 'all_models_failed';
}

/** The reason code when one failure ended the chain although steps were left. */
export function reasonCodeOfFailure(reason: FailureReason): ReasonCode {
	return reason === 'deadline_exceeded' ? 'deadline_exceeded' : (taskReasonCodes[reason] ?? 'all_models_failed');
}

/** The beginning of the sentence that explains an escalation. */
export const openings: Readonly<Record<ReasonCode, string>> = {
	all_models_failed: 'All models failed',
	high_confidence_required: 'Only the first model may answer this task, and it failed',
	human_review_required: 'A human reviews every answer to this task',
	deadline_exceeded: 'The time for this task ran out',
	context_too_long: 'The task is too long for every model',
	content_blocked: 'Models declined to answer',
	invalid_output: 'No model gave an answer in the required format',
	output_truncated: 'The answer did not fit the output limit',
	invalid_request: 'The request was called invalid',
	task_in_progress: 'Another run still holds this task',
	no_provider_available: 'No provider could be tried',
};

const times = ['', '', ' twice', ' three times', ' four times', ' five times'];

/**
 * One sentence that names which model failed and how: "All models failed: Anthropic overloaded (529) three times,
 * OpenAI rate limited (429)".
 */
export function explain(code: ReasonCode, attempts: readonly Attempt[], steps: readonly Step[]): string {
	const parts: { readonly words: string; count: number }[] = [];
	const called = new Set(attempts.flatMap(({ outcome, step }) => (outcome === 'failed' ? [step] : [])));
	for (const attempt of attempts) {
		// A step that was first skipped and later called is listed for its calls only.
		if (attempt.outcome === 'answered' || (attempt.outcome === 'skipped' && called.has(attempt.step))) continue;
		const status = attempt.httpStatus === undefined ? '' : ` (${attempt.httpStatus})`;
		const words = `${nameOf(attempt, steps)} ${failureTable[attempt.reason].phrase}${status}`;
		const last = parts.at(-1);
		if (last?.words === words) last.count += 1;
		else parts.push({ words, count: 1 });
	}
	const who = parts.map(({ words, count }) => `${words}${times[count] ?? ` ${count} times`}`).join(', ');
	return who === '' ? openings[code] : `${openings[code]}: ${who}`;
}

function nameOf(attempt: Attempt, steps: readonly Step[]): string {
	const label = steps[attempt.step - 1]?.label ?? attempt.provider;
	return steps.filter((step) => step.label === label).length > 1 ? `${label} ${attempt.model}` : label;
}

function isPassedOverForSize(attempt: Attempt): boolean {
	return attempt.outcome === 'skipped' && attempt.reason === 'context_too_long';
}
