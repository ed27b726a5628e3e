import promClient from 'prom-client';
import { beforeEach, expect, it } from 'vitest';

import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import { createMetrics, metricTable } from '../../nodes/ResilientLlm/host/metrics';
import { n8nPromClient } from '../../nodes/ResilientLlm/host/n8n-metrics';
import type { CircuitPhase, Metrics } from '../../nodes/ResilientLlm/tasks/metrics';

let metrics: Metrics;
beforeEach(() => {
	promClient.register.clear();
	metrics = createMetrics(promClient);
});

const call = {
	attempt: 1,
	step: 1,
	stepAttempt: 1,
	provider: 'anthropic',
	model: 'haiku',
	startedAt: '',
	latencyMs: 1500,
	waitMs: 0,
	costUsd: 0.002,
} as const;
const answered: Attempt = { ...call, outcome: 'answered' };
const failed: Attempt = { ...call, outcome: 'failed', reason: 'overloaded', message: 'SECRET WORDS', costUsd: 0 };
const skipped: Attempt = { ...call, outcome: 'skipped', reason: 'circuit_open', message: '', costUsd: 0 };

async function shown(...parts: readonly string[]): Promise<readonly string[]> {
	const text = await promClient.register.metrics();
	return text.split('\n').filter((line) => parts.every((part) => line.includes(part)) && !line.startsWith('#'));
}

it('counts attempts by who, how and why, and times only real calls', async () => {
	for (const attempt of [answered, failed, failed, skipped]) metrics.attempt(attempt);
	expect(await shown('attempts_total{')).toEqual([
		'resilient_llm_attempts_total{provider="anthropic",model="haiku",outcome="answered",reason="none"} 1',
		'resilient_llm_attempts_total{provider="anthropic",model="haiku",outcome="failed",reason="overloaded"} 2',
		'resilient_llm_attempts_total{provider="anthropic",model="haiku",outcome="skipped",reason="circuit_open"} 1',
	]);
	expect(await shown('attempt_duration_seconds_count')).toHaveLength(2);
	expect(await shown('attempt_duration_seconds_sum', 'answered')).toEqual([
		'resilient_llm_attempt_duration_seconds_sum{provider="anthropic",model="haiku",outcome="answered"} 1.5',
	]);
});

it('counts tasks by tier and reason code, and replays apart', async () => {
	metrics.task({ tier: 2, reasonCode: null, latencyMs: 2000, costUsd: 0.01 });
	metrics.task({ tier: 3, reasonCode: 'all_models_failed', latencyMs: 9000, costUsd: 0 });
	metrics.replay(1);
	expect(await shown('tasks_total{')).toEqual([
		'resilient_llm_tasks_total{tier="2",reason_code="none"} 1',
		'resilient_llm_tasks_total{tier="3",reason_code="all_models_failed"} 1',
	]);
	expect(await shown('replays_total{')).toEqual(['resilient_llm_replays_total{tier="1"} 1']);
});

it('takes an unknown cost for unknown, not for nothing', async () => {
	metrics.attempt({ ...answered, costUsd: null });
	metrics.task({ tier: 1, reasonCode: null, latencyMs: 1, costUsd: null });
	expect(await shown('cost_usd_count')).toEqual([]);
	expect(await shown('unpriced_attempts_total{')).toEqual([
		'resilient_llm_unpriced_attempts_total{provider="anthropic",model="haiku"} 1',
	]);
});

it('shows each circuit as it is at the scrape, the worst of those that share a model', async () => {
	let phase: CircuitPhase = 'closed';
	metrics.watch({ provider: 'openAi', model: 'luna', target: 'one account', phase: () => 'closed' });
	metrics.watch({ provider: 'openAi', model: 'luna', target: 'another account', phase: () => phase });
	const state = async () => (await shown('circuit_state{provider="openAi",model="luna"}'))[0]?.at(-1);
	const seen = [];
	for (phase of ['closed', 'open', 'halfOpen'] as const) seen.push(await state());
	expect(seen).toEqual(['0', '2', '1']);
});

it('stays small when every task names another model', async () => {
	for (let index = 0; index < 500; index += 1) metrics.attempt({ ...answered, model: `model ${index}` });
	expect(await shown('attempts_total{')).toHaveLength(101);
	expect(await shown('attempts_total{', 'model="other"')).toEqual([expect.stringMatching(/ 400$/)]);
});

it('goes on counting when the package is loaded again', async () => {
	metrics.attempt(answered);
	createMetrics(promClient).attempt(answered);
	expect(await shown('attempts_total{')).toEqual([expect.stringMatching(/ 2$/)]);
});

it('registers what the table says, and nothing of a failure’s words', async () => {
	metrics.attempt(failed);
	const registered = await promClient.register.getMetricsAsJSON();
	expect(new Set(registered.map(({ name }) => name))).toEqual(new Set(Object.keys(metricTable)));
	expect(await promClient.register.metrics()).not.toContain('SECRET');
});

it('is absent where n8n shows no metrics or has no prom-client', () => {
	expect(n8nPromClient(undefined)).toBeUndefined();
	expect(n8nPromClient('false')).toBeUndefined();
	const program = process.argv[1]!;
	process.argv[1] = '/';
	expect(n8nPromClient('true')).toBeUndefined();
	process.argv[1] = program;
	expect(n8nPromClient('true')).toHaveProperty('register');
});
