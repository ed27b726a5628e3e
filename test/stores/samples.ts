import type { Decision, RunSummary, TaskIdentity } from '../../nodes/ResilientLlm/engine/store/task-record';
import type { Answer, Escalation, Lease, TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const leaseMs = 5 * minute;

export function identityOf(
	key: string,
	changes: { fingerprint?: string; taskId?: string; workflowId?: string } = {},
): TaskIdentity {
	return {
		key,
		taskId: changes.taskId ?? `task of ${key}`,
		fingerprint: changes.fingerprint ?? 'one input',
		origin: {
			workflowId: changes.workflowId ?? 'wf1',
			workflowName: 'Support mail',
			nodeId: 'n1',
			nodeName: 'Resilient LLM',
			executionId: '17',
		},
	};
}

export const summary: RunSummary = {
	tier: 2,
	reasonCode: null,
	provider: 'openAi',
	model: 'gpt-6-luna',
	attempts: [
		{
			attempt: 1,
			step: 1,
			stepAttempt: 1,
			provider: 'anthropic',
			model: 'claude-haiku-5-5',
			startedAt: '2026-11-20T10:00:00.000Z',
			latencyMs: 812.5,
			waitMs: 0,
			costUsd: null,
			outcome: 'failed',
			reason: 'overloaded',
			message: 'Overloaded',
			httpStatus: 529,
		},
	],
	costUsd: 0.00053,
	extraCostUsd: 0.0001,
	latencyMs: 2500,
};

export function answer(
	payload: Answer['payload'] = { output: 'Hello' },
	ttlMs = day,
	ledger: Answer['ledger'] = [],
): Answer {
	return { summary, ledger, payload, ttlMs };
}

export function escalation(changes: Partial<Escalation> = {}): Escalation {
	return {
		summary: { ...summary, tier: 3, reasonCode: 'all_models_failed', provider: null, model: null },
		ledger: [],
		payload: { prompt: 'Hi', draft: null },
		tokenHash: 'token-1',
		dueInMs: hour,
		retentionMs: 7 * day,
		...changes,
	};
}

export function decision(changes: Partial<Decision> = {}): Decision {
	return {
		decision: 'answer',
		output: 'A human says hello',
		reviewer: 'ada@example.org',
		comment: 'Easy.',
		...changes,
	};
}

/** Claims a task that is free. */
export async function claimed(
	store: TaskStore,
	key: string,
	owner = `owner of ${key}`,
	changes: Parameters<typeof identityOf>[1] = {},
): Promise<Lease> {
	const claim = await store.claim({ identity: identityOf(key, changes), owner, leaseMs });
	if (claim.kind !== 'acquired') throw new Error(`${key} is not free: ${claim.kind}`);
	return claim.lease;
}
