import { describe, expect, it } from 'vitest';

import { createCircuitBreakers } from '../../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import { runChain } from '../../../nodes/ResilientLlm/engine/chain';
import type { Clock } from '../../../nodes/ResilientLlm/engine/clock';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';
import { createRateLimitGates } from '../../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import { answer, fail, portsOf, scriptedStep, taskOf, type ScriptedStep } from '../scripted-step';
import { createVirtualClock } from '../virtual-clock';

/** A bucket that fills with `perSecond` tokens a second and holds a second's worth. */
interface Limited extends ScriptedStep {
	readonly refused: () => number;
}

type Advice = 'whole seconds' | 'exact';

function rateLimited(clock: Clock, perSecond: number, latencyMs: number, advice: Advice = 'whole seconds'): Limited {
	let tokens = perSecond;
	let filledAt = clock.now();
	let refused = 0;
	const accept = scriptedStep(clock, [answer('fine', { takesMs: latencyMs })], {
		target: 'limited',
		provider: 'limited',
	});
	return {
		...accept,
		refused: () => refused,
		async complete(request, signal) {
			tokens = Math.min(perSecond, tokens + ((clock.now() - filledAt) * perSecond) / 1000);
			filledAt = clock.now();
			if (tokens >= 1) {
				tokens -= 1;
				return accept.complete(request, signal);
			}
			refused += 1;
			const exactMs = Math.ceil(((1 - tokens) * 1000) / perSecond);
			await clock.wait(Math.min(20, latencyMs), signal);
			return {
				kind: 'failure',
				reason: 'rate_limited',
				message: 'slow down',
				retryAfterMs: advice === 'exact' ? exactMs : Math.ceil(exactMs / 1000) * 1000,
			};
		},
	};
}

interface Play {
	readonly outcomes: readonly Outcome[];
	readonly tookMs: number;
	readonly openedCircuits: number;
}

async function playAtOnce(
	tasks: number,
	stepsOf: (clock: Clock) => readonly ScriptedStep[],
	deadlineMs = 300_000,
): Promise<Play & { readonly steps: readonly ScriptedStep[] }> {
	const clock = createVirtualClock();
	const steps = stepsOf(clock);
	let openedCircuits = 0;
	const observe = ({ event }: { readonly event: string }) => void (event === 'circuit-open' && (openedCircuits += 1));
	const ports = portsOf(clock, { breakers: createCircuitBreakers(clock), gates: createRateLimitGates(clock), observe });
	const begun = clock.now();
	const outcomes = await clock.drive(
		Promise.all(
			Array.from({ length: tasks }, () => runChain(taskOf(clock, steps, { deadline: begun + deadlineMs }), ports)),
		),
	);
	return { outcomes, tookMs: clock.now() - begun, openedCircuits, steps };
}

const never = new AbortController().signal;

const answered = (outcomes: readonly Outcome[]) => outcomes.filter(({ kind }) => kind === 'answered').length;

describe('100 tasks at once against 10 calls a second', () => {
	it.each([
		{ latencyMs: 1, advice: 'whole seconds' },
		{ latencyMs: 200, advice: 'whole seconds' },
		{ latencyMs: 5000, advice: 'whole seconds' },
		{ latencyMs: 200, advice: 'exact' },
	] as const)(
		'are all answered in the time it takes, with few refusals ($latencyMs ms, Retry-After in $advice)',
		async ({ latencyMs, advice }) => {
			const { outcomes, tookMs, openedCircuits, steps } = await playAtOnce(100, (clock) => [
				rateLimited(clock, 10, latencyMs, advice),
			]);
			expect(answered(outcomes)).toBe(100);
			expect((steps[0] as Limited).refused()).toBeLessThanOrEqual(15);
			expect(tookMs).toBeLessThanOrEqual(1.2 * (9000 + latencyMs) + 1000);
			expect(openedCircuits).toBe(0);
		},
	);
});

it('says how long an item waited for the gate', async () => {
	const { outcomes } = await playAtOnce(30, (clock) => [rateLimited(clock, 10, 200)]);
	const waits = outcomes.flatMap(({ attempts }) => attempts.map(({ waitMs }) => waitMs));
	expect(Math.min(...waits)).toBe(0);
	expect(Math.max(...waits)).toBeGreaterThan(900);
});

it('lets items go to a fallback instead of waiting longer than the longest pause', async () => {
	const shut = (clock: Clock) =>
		scriptedStep(clock, [fail('rate_limited', { retryAfterMs: 60_000 })], { target: 'shut' });
	const { outcomes, tookMs, steps } = await playAtOnce(200, (clock) => [
		shut(clock),
		scriptedStep(clock, [answer('fallback', { takesMs: 200 })], { target: 'free' }),
	]);
	expect(answered(outcomes)).toBe(200);
	expect(steps[0]!.calls.length).toBeLessThanOrEqual(5);
	expect(tookMs).toBeLessThan(5000);
	expect(outcomes.at(-1)?.attempts[0]).toMatchObject({
		step: 1,
		outcome: 'skipped',
		reason: 'rate_limited',
		costUsd: 0,
	});
});

it('waits no longer than the deadline allows', async () => {
	const { outcomes, tookMs, steps } = await playAtOnce(
		20,
		(clock) => [scriptedStep(clock, [fail('rate_limited', { retryAfterMs: 60_000 })], { target: 'shut' })],
		10_000,
	);
	expect(outcomes.every(({ kind }) => kind === 'escalated')).toBe(true);
	expect(steps[0]!.calls.length).toBeLessThanOrEqual(5);
	expect(tookMs).toBeLessThanOrEqual(10_000);
});

it('costs a healthy provider little: fifty at once are reached within the first answers', async () => {
	const clock = createVirtualClock();
	const step = scriptedStep(clock, [answer('fine', { takesMs: 200 })], { target: 'healthy' });
	const ports = portsOf(clock);
	const queue = Array.from({ length: 1000 }).values();
	const begun = clock.now();
	const worker = async () => {
		while (queue.next().done !== true) await runChain(taskOf(clock, [step]), ports);
	};
	await clock.drive(Promise.all(Array.from({ length: 50 }, worker)));
	expect(clock.now() - begun).toBeLessThanOrEqual(4600);
});

it('does not hold fifty calls back behind a provider that takes long to answer', async () => {
	const { steps, outcomes } = await playAtOnce(50, (clock) => [
		scriptedStep(clock, [answer('fine', { takesMs: 20_000 })], { target: 'slow' }),
	]);
	const [step] = steps;
	expect(answered(outcomes)).toBe(50);
	expect(step!.calls.at(-1)!.at - step!.calls[0]!.at).toBeLessThanOrEqual(3000);
});

it('sends nobody to a fallback while a healthy provider takes them one after the other', async () => {
	const { outcomes } = await playAtOnce(1000, (clock) => [
		scriptedStep(clock, [answer('fine', { takesMs: 300 })], { target: 'healthy' }),
		scriptedStep(clock, [answer()], { target: 'free' }),
	]);
	expect(outcomes.map((outcome) => outcome.kind === 'answered' && outcome.step)).toEqual(outcomes.map(() => 1));
});

it('opens the circuit of a provider that refuses time after time', async () => {
	const { openedCircuits } = await playAtOnce(1, (clock) => [
		scriptedStep(clock, [fail('rate_limited', { retryAfterMs: 1000 })], { target: 'refusing', maxAttempts: 8 }),
	]);
	expect(openedCircuits).toBe(1);
});

it('forgets a limit that is gone', async () => {
	const clock = createVirtualClock();
	const limited = rateLimited(clock, 10, 200);
	const ports = portsOf(clock, { gates: createRateLimitGates(clock) });
	const play = async (step: ScriptedStep) =>
		await clock.drive(Promise.all(Array.from({ length: 20 }, () => runChain(taskOf(clock, [step]), ports))));
	await play(limited);
	expect(limited.refused()).toBeGreaterThan(0);
	await clock.drive(clock.wait(150_000, never));
	const begun = clock.now();
	await play(scriptedStep(clock, [answer('fine', { takesMs: 200 })], { target: 'limited' }));
	expect(clock.now() - begun).toBeLessThanOrEqual(1000);
});

it('stops waiting when the execution is cancelled', async () => {
	const clock = createVirtualClock();
	const gates = createRateLimitGates(clock);
	const cancel = new AbortController();
	const caller = {
		execution: '1',
		isAgain: false,
		endsAt: clock.now() + 300_000,
		timeoutMs: 1000,
		longestPauseMs: Infinity,
		isWanted: () => true,
		cancel: cancel.signal,
	};
	const first = await gates.enter('target', caller);
	if (first.kind === 'pass') gates.leave(first, { kind: 'refused', retryAfterMs: 50_000 });
	const waiting = gates.enter('target', caller);
	const begun = clock.now();
	cancel.abort();
	await waiting;
	expect(clock.now()).toBe(begun);
});
