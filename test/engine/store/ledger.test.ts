import { describe, expect, it } from 'vitest';

import type { Attempt } from '../../../nodes/ResilientLlm/engine/attempt';
import type { Usage } from '../../../nodes/ResilientLlm/engine/completion';
import { latencyBucketOf } from '../../../nodes/ResilientLlm/engine/store/latency-bucket';
import { extraCostOf, ledgerEntries } from '../../../nodes/ResilientLlm/engine/store/ledger';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';

const origin = {
	workflowId: 'w',
	workflowName: 'Support mail',
	nodeId: 'n',
	nodeName: 'Resilient LLM',
	executionId: '17',
};
const place = { workflowId: 'w', workflowName: 'Support mail', nodeId: 'n', nodeName: 'Resilient LLM' };
const base = {
	attempt: 1,
	step: 1,
	stepAttempt: 1,
	provider: 'anthropic',
	model: 'claude',
	startedAt: '2026-11-20T10:00:00.000Z',
	latencyMs: 800,
	waitMs: 5,
	costUsd: 0,
};
const failed: Attempt = {
	...base,
	outcome: 'failed',
	reason: 'overloaded',
	message: 'a secret',
	httpStatus: 529,
	requestId: 'r1',
};
const answered: Attempt = {
	...base,
	attempt: 2,
	step: 2,
	provider: 'openAi',
	model: 'gpt',
	latencyMs: 1200,
	costUsd: 0.002,
	outcome: 'answered',
};
const skipped: Attempt = {
	...base,
	outcome: 'skipped',
	stepAttempt: 0,
	latencyMs: 0,
	reason: 'circuit_open',
	message: 'open',
};

describe('the lines of a run', () => {
	it('are one for each attempt and one for the task, of names and numbers alone', () => {
		const end = { tier: 2, reasonCode: null, latencyMs: 2500, costUsd: 0.002, extraCostUsd: 0.001 } as const;
		expect(ledgerEntries(origin, { end, attempts: [failed, answered] })).toEqual([
			{
				facets: {
					...place,
					kind: 'attempt',
					tier: 1,
					provider: 'anthropic',
					model: 'claude',
					outcome: 'failed',
					reason: 'overloaded',
					httpStatus: 529,
				},
				latencyBucket: latencyBucketOf(800),
				costUsd: 0,
				extraCostUsd: null,
			},
			{
				facets: {
					...place,
					kind: 'attempt',
					tier: 2,
					provider: 'openAi',
					model: 'gpt',
					outcome: 'answered',
					reason: null,
					httpStatus: null,
				},
				latencyBucket: latencyBucketOf(1200),
				costUsd: 0.002,
				extraCostUsd: null,
			},
			{
				facets: { ...place, kind: 'task', tier: 2, reasonCode: null },
				latencyBucket: latencyBucketOf(2500),
				costUsd: 0.002,
				extraCostUsd: 0.001,
			},
		]);
	});

	it('are those of its calls, when it ended without a result', () => {
		expect(
			ledgerEntries(origin, { end: null, attempts: [failed, skipped] }).map(
				({ facets }) => facets.kind === 'attempt' && facets.outcome,
			),
		).toEqual(['failed', 'skipped']);
	});

	it('cut names that are too long to be kept with every line, between characters', () => {
		const [line] = ledgerEntries(
			{ ...origin, nodeName: '🧑'.repeat(300), workflowName: 'x'.repeat(200) },
			{ end: null, attempts: [{ ...answered, model: 'm'.repeat(10_000) }] },
		);
		expect(line?.facets).toMatchObject({
			nodeName: `${'🧑'.repeat(199)}…`,
			workflowName: 'x'.repeat(200),
			model: `${'m'.repeat(199)}…`,
		});
	});
});

describe('what a fallback costs on top', () => {
	const usage: Usage = { inputTokens: 100, outputTokens: 10, cachedInputTokens: 0, reasoningTokens: 0 };
	const outcome = (
		changes: { step?: number; attempts?: readonly Attempt[]; usage?: Usage | undefined } = {},
	): Extract<Outcome, { kind: 'answered' }> => ({
		kind: 'answered',
		completion: {
			kind: 'completion',
			text: '',
			finishReason: 'stop',
			model: 'gpt',
			...('usage' in changes ? changes.usage && { usage: changes.usage } : { usage }),
		},
		output: '',
		step: changes.step ?? 2,
		truncated: false,
		attempts: changes.attempts ?? [failed, answered],
		warnings: [],
	});

	it('is the answer itself against the same tokens at the first step, whatever failed before', () => {
		const asked: Usage[] = [];
		const price = (tokens: Usage) => {
			asked.push(tokens);
			return 0.0015;
		};
		expect(extraCostOf(outcome({ attempts: [{ ...failed, costUsd: 7 }, answered] }), price)).toBeCloseTo(0.0005, 12);
		expect(asked).toEqual([usage]);
		expect(extraCostOf(outcome(), () => 0.003)).toBeCloseTo(-0.001, 12);
	});

	it('is not known without a fallback, without usage, without a price', () => {
		expect(extraCostOf(outcome({ step: 1 }), () => 1)).toBeNull();
		expect(extraCostOf(outcome({ usage: undefined }), () => 1)).toBeNull();
		expect(extraCostOf(outcome({ attempts: [{ ...answered, costUsd: null }] }), () => 1)).toBeNull();
		expect(extraCostOf(outcome(), () => null)).toBeNull();
	});
});
