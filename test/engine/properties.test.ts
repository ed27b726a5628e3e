import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../nodes/ResilientLlm/engine/backoff';
import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import { failureReasons, type FailureReason } from '../../nodes/ResilientLlm/engine/failure';
import { failureTable } from '../../nodes/ResilientLlm/engine/failure-table';
import { stepBudgetMs } from '../../nodes/ResilientLlm/engine/time-budget';
import { answer, fail, hang, portsOf, scriptedStep, taskOf, type Act } from './scripted-step';
import { createVirtualClock } from './virtual-clock';

const providerReasons = failureReasons.filter(
	(reason) => !['circuit_open', 'deadline_exceeded', 'cancelled'].includes(reason),
);

const reason = fc.constantFrom(...providerReasons);

const act: fc.Arbitrary<Act> = fc.oneof(
	{ weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000 }).map((takesMs) => answer('fine', { takesMs })) },
	{ weight: 1, arbitrary: fc.constant(hang) },
	{
		weight: 4,
		arbitrary: fc
			.record({
				reason,
				takesMs: fc.integer({ min: 0, max: 90_000 }),
				retryAfterMs: fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: undefined }),
			})
			.map(({ reason, takesMs, retryAfterMs }) =>
				fail(reason, { takesMs, ...(retryAfterMs !== undefined && { retryAfterMs }) }),
			),
	},
);

const plan = fc.record({
	deadlineMs: fc.integer({ min: 1, max: 600_000 }),
	seed: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
	steps: fc.array(
		fc.record({
			acts: fc.array(act, { minLength: 1, maxLength: 5 }),
			maxAttempts: fc.integer({ min: 1, max: 6 }),
			attemptTimeoutMs: fc.integer({ min: 1, max: 120_000 }),
		}),
		{ minLength: 1, maxLength: 5 },
	),
});

async function play({ deadlineMs, seed, steps: stepPlans }: typeof plan extends fc.Arbitrary<infer T> ? T : never) {
	const clock = createVirtualClock();
	const start = clock.now();
	const steps = stepPlans.map(({ acts, ...limits }) => scriptedStep(clock, acts, limits));
	const outcome = await clock.drive(
		runChain(taskOf(clock, steps, { deadline: start + deadlineMs }), portsOf(clock, { random: () => seed })),
	);
	return { clock, start, deadline: start + deadlineMs, steps, outcome };
}

describe('backoff', () => {
	it('keeps every delay within its bounds', () => {
		fc.assert(
			fc.property(
				reason,
				fc.nat(50),
				fc.nat(60_000),
				fc.nat(120_000),
				fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
				(why, index, baseDelayMs, maxDelayMs, chance) => {
					const delay = backoffMs(why, index, { baseDelayMs, maxDelayMs }, () => chance);
					expect(delay).toBeGreaterThanOrEqual(0);
					expect(delay).toBeLessThanOrEqual(maxDelayMs);
				},
			),
			{ numRuns: 2000 },
		);
	});

	it.each([
		['rate_limited', 2, 4000, 5000],
		['overloaded', 2, 2250, 2750],
		['server_error', 2, 0, 4000],
		['network', 0, 0, 1000],
	] as const)('of %s follows the curve of the design', (why: FailureReason, index, low, high) => {
		const policy = { baseDelayMs: 1000, maxDelayMs: 30_000 };
		expect(backoffMs(why, index, policy, () => 0)).toBeCloseTo(low);
		expect(backoffMs(why, index, policy, () => 0.999999)).toBeCloseTo(high, 1);
	});
});

describe('the time budget', () => {
	it('never gives more than is left, and leaves each later step its timeout when that is possible', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 1e6 }),
				fc.integer({ min: 1, max: 1e6 }),
				fc.array(fc.integer({ min: 1, max: 1e6 }), { maxLength: 6 }),
				(remaining, timeout, later) => {
					const needed = later.reduce((sum, ms) => sum + ms, 0);
					const budget = stepBudgetMs(remaining, timeout, later);
					expect(budget).toBeGreaterThan(0);
					expect(budget).toBeLessThanOrEqual(remaining + 1e-6);
					if (remaining >= timeout + needed) expect(budget).toBe(remaining - needed);
					else expect(budget).toBeGreaterThanOrEqual(Math.min(timeout, remaining / (later.length + 1)) - 1e-6);
				},
			),
			{ numRuns: 2000 },
		);
	});
});

describe('any chain, under any failures', () => {
	it('keeps its promises', async () => {
		await fc.assert(
			fc.asyncProperty(plan, async (given) => {
				const { clock, deadline, steps, outcome } = await play(given);

				expect(clock.now(), 'the deadline holds').toBeLessThanOrEqual(deadline + 1e-3);
				const calls = steps.map((step) => step.calls.length);
				steps.forEach((step, index) =>
					expect(calls[index], 'calls stay below maxAttempts').toBeLessThanOrEqual(step.maxAttempts),
				);
				for (const call of steps.flatMap((step) => step.calls)) {
					expect(call.at, 'no call starts after the deadline').toBeLessThan(deadline);
					expect(call.endedAt, 'no call outlives the chain').toBeLessThanOrEqual(deadline + 1e-3);
				}

				const made = outcome.attempts.filter((attempt) => attempt.outcome !== 'skipped');
				expect(made.length, 'the trail holds every call').toBe(calls.reduce((sum, count) => sum + count, 0));
				expect(outcome.attempts.map(({ attempt }) => attempt)).toEqual(outcome.attempts.map((_, index) => index + 1));
				const visits = outcome.attempts.map(({ step }) => step).filter((step, index, all) => step !== all[index - 1]);
				expect(new Set(visits).size, 'no step is visited twice').toBe(visits.length);

				if (outcome.kind === 'answered') expect(outcome.output).toBe('fine');
				else expect(outcome.kind).toBe('escalated');
			}),
			{ numRuns: 300 },
		);
	});

	it('never waits less than a Retry-After before the same step is called again', async () => {
		await fc.assert(
			fc.asyncProperty(plan, async (given) => {
				const { steps } = await play(given);
				steps.forEach((step, index) => {
					const acts = given.steps[index]!.acts;
					step.calls.slice(1).forEach((call, at) => {
						const before = acts[Math.min(at, acts.length - 1)]!;
						const asked = before.kind === 'failure' && !timedOut(step.calls[at]!) ? (before.retryAfterMs ?? 0) : 0;
						expect(call.at - step.calls[at]!.endedAt!).toBeGreaterThanOrEqual(asked - 1e-6);
					});
				});
			}),
			{ numRuns: 200 },
		);
	});

	it('gives a later step its whole timeout when the deadline has room for one attempt of each', async () => {
		await fc.assert(
			fc.asyncProperty(plan, async (given) => {
				const room = given.steps.reduce((sum, { attemptTimeoutMs }) => sum + attemptTimeoutMs, 0);
				fc.pre(given.deadlineMs >= room);
				const { steps, deadline } = await play(given);
				for (const step of steps) {
					const [first] = step.calls;
					if (first !== undefined) expect(deadline - first.at).toBeGreaterThanOrEqual(step.attemptTimeoutMs - 1e-3);
				}
			}),
			{ numRuns: 200 },
		);
	});

	it('reaches every step when all of them fail for reasons that allow it', async () => {
		await fc.assert(
			fc.asyncProperty(plan, async (given) => {
				const failing = given.steps.map((step) => ({ ...step, acts: [hang] }));
				const { steps } = await play({ ...given, steps: failing });
				for (const step of steps) expect(step.calls.length).toBeGreaterThanOrEqual(1);
			}),
			{ numRuns: 100 },
		);
	});
});

describe('the failure table', () => {
	it('holds every reason exactly once', () => {
		expect(Object.keys(failureTable).sort()).toEqual([...failureReasons].sort());
	});
});

function timedOut(call: { aborted?: boolean }): boolean {
	return call.aborted === true;
}
