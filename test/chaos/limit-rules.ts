import { expect } from 'vitest';

import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import type { EpochMs } from '../../nodes/ResilientLlm/engine/clock';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import type { Task } from '../../nodes/ResilientLlm/engine/task';
import { stepBudgetMs } from '../../nodes/ResilientLlm/engine/time-budget';

/** What a server asked for: no call before `until`, as it was heard at `heardAt`. */
export interface Word {
	readonly target: string;
	readonly heardAt: EpochMs;
	readonly until: EpochMs;
}

/** A Retry-After is believed for an hour. */
export const longestWordMs = 3_600_000;

/** Attempts are dated in whole milliseconds. */
const roundingMs = 2;

const usefulAttemptMs = 1000;

/**
 * A guess may delay, but never turn away: whoever was passed over for a rate limit had heard the server ask for a pause
 * that did not fit the time, and whoever went to a human uncalled had no step that could be called.
 */
export function checkLimits(task: Task, begunAt: EpochMs, outcome: Outcome, words: readonly Word[]): void {
	let freeAt = begunAt;
	for (const attempt of outcome.attempts) {
		if (isPassedOverForLimit(attempt))
			expect(words, describe(attempt)).toSatisfy(() => isFounded(task, attempt, freeAt, words));
		freeAt = Math.max(freeAt, Date.parse(attempt.startedAt) + attempt.latencyMs);
	}
	if (outcome.kind !== 'escalated' || begunAt >= task.deadline) return;
	if (outcome.attempts.some(({ outcome: end }) => end !== 'skipped')) return;
	const reasons = new Set(outcome.attempts.map((attempt) => (attempt.outcome === 'answered' ? '' : attempt.reason)));
	expect(['rate_limited', 'circuit_open'], 'nobody goes to a human uncalled for a guess').toEqual(
		expect.arrayContaining([...reasons]),
	);
	expect(reasons, 'of open circuits alone, the soonest is called').toContain('rate_limited');
}

function isPassedOverForLimit(attempt: Attempt): boolean {
	return attempt.outcome === 'skipped' && attempt.reason === 'rate_limited';
}

function describe(attempt: Attempt): string {
	return `step ${attempt.step} was passed over at ${attempt.startedAt} without the server's word`;
}

/** `freeAt`: when the task was done with the step before, so that this one's share of the time began. */
function isFounded(task: Task, attempt: Attempt, freeAt: EpochMs, words: readonly Word[]): boolean {
	const step = task.steps[attempt.step - 1]!;
	const now = Date.parse(attempt.startedAt);
	const heard = words.filter(({ target, heardAt }) => target === step.target && heardAt <= now + roundingMs);
	const until = Math.max(...heard.map((word) => Math.min(word.until, word.heardAt + longestWordMs)));
	const later = task.steps.slice(attempt.step);
	// A later step that is too small for the prompt takes no time, so that this one may have had more.
	const shares = [later, []].map((rest) =>
		stepBudgetMs(
			task.deadline - freeAt,
			step.attemptTimeoutMs,
			rest.map(({ attemptTimeoutMs }) => attemptTimeoutMs),
		),
	);
	const endsAt = freeAt + Math.min(...shares);
	const isTooLong = later.length > 0 && until - now > task.retryPolicy.maxDelayMs - roundingMs;
	const isTooLate = endsAt - until < Math.min(step.attemptTimeoutMs, usefulAttemptMs) + roundingMs;
	return until > now - roundingMs && (isTooLong || isTooLate);
}
