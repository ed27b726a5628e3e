import { describe, expect, it } from 'vitest';

import type { Failure } from '../../nodes/ResilientLlm/engine/failure';
import { createTrail, totalCostUsd } from '../../nodes/ResilientLlm/engine/trail';
import { scriptedStep } from './scripted-step';
import { createVirtualClock } from './virtual-clock';

function costOf(failure: Omit<Failure, 'kind' | 'message'>): number | null | undefined {
	const trail = createTrail(
		() => undefined,
		(moment: number) => moment,
	);
	const step = scriptedStep(createVirtualClock(), []);
	const call = { place: 1, stepAttempt: 1, startedAt: 0, endedAt: 1, waitMs: 0 };
	trail.failed(step, call, { kind: 'failure', message: 'm', ...failure });
	return trail.attempts[0]?.costUsd;
}

const usage = { inputTokens: 100, outputTokens: 20, cachedInputTokens: 0, reasoningTokens: 0 };

describe('what a failed call cost', () => {
	it.each([
		['an error, which no vendor bills', { reason: 'server_error', httpStatus: 500 }, 0],
		['a connection that never stood', { reason: 'network' }, 0],
		['a reply that broke off after its headers: the work may be billed', { reason: 'network', httpStatus: 200 }, null],
		['a call that ran out of time: the work may be billed', { reason: 'timeout' }, null],
		['a call that was cancelled: the work may be billed', { reason: 'cancelled' }, null],
		['an answer that failed a check: it is billed', { reason: 'invalid_output', httpStatus: 200, usage }, 0.00012],
	] as const)('%s', (_, failure, costUsd) => {
		expect(costOf(failure)).toBe(costUsd);
	});

	it('says by the clock on the wall when a call began', () => {
		const step = scriptedStep(createVirtualClock(), []);
		const trail = createTrail(
			() => undefined,
			(moment) => moment + 8 * 3_600_000,
		);
		trail.failed(
			step,
			{ place: 1, stepAttempt: 1, startedAt: 0, endedAt: 1, waitMs: 0 },
			{ kind: 'failure', reason: 'network', message: 'm' },
		);
		expect(trail.attempts[0]).toMatchObject({ startedAt: '1970-01-01T08:00:00.000Z', latencyMs: 1 });
	});

	it('makes the sum unknown when it is unknown', () => {
		const attempt = { costUsd: 0.1 } as Parameters<typeof totalCostUsd>[0][number];
		expect(totalCostUsd([attempt, { ...attempt, costUsd: 0.2 }])).toBe(0.3);
		expect(totalCostUsd([attempt, { ...attempt, costUsd: null }])).toBeNull();
	});
});
