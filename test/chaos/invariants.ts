import { expect } from 'vitest';
import { failureReasons } from '../../nodes/ResilientLlm/engine/failure';
import { reasonCodes, type Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import type { Task } from '../../nodes/ResilientLlm/engine/task';

/** What must hold for every task, whatever went wrong around it. */
export function checkTask(task: Task, outcome: Outcome): void {
	const calls = outcome.attempts.filter((attempt) => attempt.outcome !== 'skipped');
	task.steps.forEach((step, index) => {
		expect(
			calls.filter((attempt) => attempt.step === index + 1).length,
			'calls stay within maxAttempts',
		).toBeLessThanOrEqual(step.maxAttempts);
	});
	for (const attempt of outcome.attempts) {
		if (attempt.outcome === 'answered') continue;
		expect(failureReasons, 'every failure names its reason').toContain(attempt.reason);
		expect(attempt.message).toMatch(/^[^\n]+$/);
	}
	expect(
		calls.filter(({ outcome: end }) => end === 'answered').length,
		'a task is answered at most once',
	).toBeLessThanOrEqual(1);
	const called = calls.map(({ step }) => step);
	const visits = called.filter((step, index) => step !== called[index - 1]);
	expect(new Set(visits).size, 'no step is visited twice').toBe(visits.length);

	if (outcome.kind === 'escalated') {
		expect(reasonCodes).toContain(outcome.reasonCode);
		expect(outcome.reason.length).toBeGreaterThan(10);
	}
	if (outcome.kind === 'answered') {
		expect(outcome.truncated).toBe(false);
		expect(outcome.completion.finishReason).toBe('stop');
		expect(outcome.output, 'only answers that fit the schema reach Success').toEqual({ ok: true });
	}
}

export const chaosSchema = {
	type: 'object',
	properties: { ok: { const: true } },
	required: ['ok'],
	additionalProperties: false,
} as const;

export async function chaosSchemaProblems(json: string): Promise<readonly string[]> {
	return await Promise.resolve(JSON.stringify(JSON.parse(json)) === '{"ok":true}' ? [] : ['it must be {"ok": true}']);
}
