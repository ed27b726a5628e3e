import type { INode } from 'n8n-workflow';
import { expect, it } from 'vitest';

import {
	fallbackHint,
	retryOnFailHint,
	unwiredEscalateHint,
} from '../../nodes/ResilientLlm/actions/generate/execution-hints';
import type { TaskEnd } from '../../nodes/ResilientLlm/tasks/task-end';
import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import { noUsage } from '../../nodes/ResilientLlm/engine/completion';

const attempt = (step: number, more: Partial<Attempt>): Attempt =>
	({
		attempt: 1,
		step,
		stepAttempt: 1,
		provider: step === 1 ? 'anthropic' : 'openAi',
		model: `model-${step}`,
		startedAt: '',
		latencyMs: 1,
		waitMs: 0,
		costUsd: 0,
		outcome: 'answered',
		...more,
	}) as Attempt;
const overloaded = attempt(1, { outcome: 'failed', reason: 'overloaded', message: '' });
const answeredBy = (step: number, ...attempts: Attempt[]): TaskEnd => ({
	kind: 'answered',
	replayed: false,
	answer: {
		output: 'a',
		tier: step === 1 ? 1 : 2,
		provider: 'p',
		model: 'm',
		finishReason: 'stop',
		truncated: false,
		usage: noUsage,
		costUsd: 0,
		attempts: [...attempts, attempt(step, {})],
		warnings: [],
	},
});

it('says nothing when the first model answered everything', () => {
	expect(fallbackHint([answeredBy(1), answeredBy(1, overloaded)])).toBeUndefined();
});

it('counts the items of each fallback, and each reason once per item', () => {
	const skipped = attempt(1, { outcome: 'skipped', reason: 'circuit_open', message: '' });
	const outcomes = [
		answeredBy(1),
		answeredBy(2, overloaded, overloaded),
		answeredBy(2, overloaded),
		answeredBy(2, skipped),
	];
	expect(fallbackHint(outcomes)?.message).toMatch(
		/^A fallback answered 3 of 4 items: OpenAI \(model-2\) ×3\. What kept the models before it from answering: Anthropic \(model-1\) overloaded ×2, Anthropic \(model-1\) .+ ×1\.$/,
	);
});

const escalatedTask = (isStored: boolean): TaskEnd => ({
	kind: 'escalated',
	replayed: false,
	escalation: {
		reasonCode: 'all_models_failed',
		reason: 'All failed',
		draft: null,
		attempts: [],
		costUsd: 0,
		failedAt: 0,
		dueAt: null,
		reviewUrl: null,
		warnings: [],
		isStored,
	},
});

it('says where tasks for a human are when nothing is connected to Escalate', () => {
	expect(unwiredEscalateHint([escalatedTask(true)], false)?.message).toContain('The task store keeps');
	expect(unwiredEscalateHint([escalatedTask(true), escalatedTask(false)], false)?.message).toContain(
		'2 tasks for a human',
	);
	expect(unwiredEscalateHint([escalatedTask(false)], false)?.message).toContain('only this execution shows it');
});

it('says nothing of it when Escalate is connected, or nobody escalated, or n8n does not tell', () => {
	expect(unwiredEscalateHint([escalatedTask(true)], true)).toBeUndefined();
	expect(unwiredEscalateHint([answeredBy(1)], false)).toBeUndefined();
	expect(unwiredEscalateHint([escalatedTask(true)], undefined)).toBeUndefined();
});

it('warns of Retry On Fail only when it is on', () => {
	expect(retryOnFailHint({ retryOnFail: true } as INode)?.type).toBe('warning');
	expect(retryOnFailHint({} as INode)).toBeUndefined();
});
