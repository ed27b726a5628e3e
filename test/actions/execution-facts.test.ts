import type { IExecuteFunctions, ITaskMetadata } from 'n8n-workflow';
import { expect, it } from 'vitest';

import { executionFacts, showExecutionFacts } from '../../nodes/ResilientLlm/actions/generate/execution-facts';
import type { TaskEnd } from '../../nodes/ResilientLlm/tasks/task-end';
import { noUsage } from '../../nodes/ResilientLlm/engine/completion';

const answered = (tier: 1 | 2, costUsd: number | null, replayed = false): TaskEnd => ({
	kind: 'answered',
	replayed,
	answer: {
		output: '',
		tier,
		provider: 'p',
		model: 'm',
		finishReason: 'stop',
		truncated: false,
		usage: noUsage,
		costUsd,
		attempts: [],
		warnings: [],
	},
});
const escalated: TaskEnd = {
	kind: 'escalated',
	replayed: false,
	escalation: {
		reasonCode: 'all_models_failed',
		reason: '',
		draft: null,
		attempts: [],
		costUsd: 0.1,
		failedAt: 0,
		dueAt: null,
		reviewUrl: null,
		warnings: [],
		isStored: true,
	},
};

function surfaces() {
	const custom: Record<string, string> = {};
	const metadata: ITaskMetadata[] = [];
	const customData = {
		get: (key: string) => custom[key],
		set: (key: string, value: string) => void (custom[key] = value),
	} as unknown as IExecuteFunctions['customData'];
	return { custom, metadata, context: { customData, setMetadata: (one: ITaskMetadata) => void metadata.push(one) } };
}

it('counts who answered and what was spent here: a replay costs nothing', () => {
	expect(executionFacts([answered(1, 0.1), answered(2, 0.2), answered(2, 5, true), escalated])).toEqual({
		tasks: 4,
		answeredByFirst: 1,
		answeredByFallback: 2,
		escalated: 1,
		replayed: 1,
		highestTier: 3,
		costUsd: 0.4,
	});
	expect(executionFacts([answered(1, 0.1), answered(1, null)]).costUsd).toBeNull();
});

it('does not know what a cancelled task has cost: its last call may be billed', () => {
	expect(executionFacts([answered(1, 0.1), { kind: 'cancelled' }])).toMatchObject({
		tasks: 2,
		highestTier: 1,
		costUsd: null,
	});
	expect(executionFacts([{ kind: 'cancelled' }])).toMatchObject({ highestTier: 0, costUsd: null });
});

it('makes executions searchable by the highest tier of all nodes and by their tasks for humans', () => {
	const { context, custom } = surfaces();
	showExecutionFacts(context, executionFacts([escalated, answered(1, 0)]));
	showExecutionFacts(context, executionFacts([answered(2, 0), escalated]));
	expect(custom).toEqual({ resilient_llm_highest_tier: '3', resilient_llm_escalated: '2' });
});

it('gives traces the numbers, and leaves an unknown cost out', () => {
	const { context, metadata } = surfaces();
	showExecutionFacts(context, executionFacts([answered(2, null)]));
	expect(metadata).toEqual([
		{ tracing: expect.objectContaining({ 'resilient_llm.highest_tier': 2, 'resilient_llm.answered_by_fallback': 1 }) },
	]);
	expect(metadata[0]?.tracing).not.toHaveProperty('resilient_llm.cost_usd');
});

it('never loses an answer to a surface that is missing or throws', () => {
	const throwing = {
		setMetadata: () => {
			throw new Error('no');
		},
	};
	expect(() => showExecutionFacts({}, executionFacts([answered(1, 0)]))).not.toThrow();
	expect(() => showExecutionFacts(throwing, executionFacts([answered(1, 0)]))).not.toThrow();
});
