import { describe, expect, it } from 'vitest';
import { createCircuitBreakers } from '../../nodes/ResilientLlm/engine/circuit-breaker';
import { runChain, type ChainPorts } from '../../nodes/ResilientLlm/engine/chain';
import type { Random } from '../../nodes/ResilientLlm/engine/clock';
import { failureReasons } from '../../nodes/ResilientLlm/engine/failure';
import { failureTable } from '../../nodes/ResilientLlm/engine/failure-table';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import { createRateLimitGates } from '../../nodes/ResilientLlm/engine/rate-limit-gate';
import { answer, fail, hang, portsOf, scriptedStep, taskOf, type Act, type ScriptedStep } from '../engine/scripted-step';
import { createVirtualClock, type VirtualClock } from '../engine/virtual-clock';
import { chaosSchema, chaosSchemaProblems, checkTask } from './invariants';
import { between, pick, seededRandom } from './seeded-random';

const providerReasons = failureReasons.filter((reason) => !['circuit_open', 'deadline_exceeded', 'cancelled'].includes(reason));
const content = { prompt: 'p', systemMessage: '', attachments: [], output: { kind: 'jsonSchema', schema: chaosSchema } } as const;

function anyAct(random: Random): Act {
	const takesMs = between(random, 0, 70_000);
	const roll = random();
	if (roll < 0.3) return answer('{"ok": true}', { takesMs });
	if (roll < 0.35) return hang;
	if (roll < 0.4) return answer('', { takesMs });
	if (roll < 0.45) return answer('{"ok": tr', { takesMs, finishReason: 'length' });
	if (roll < 0.5) return answer('{"ok": false}', { takesMs });
	if (roll < 0.55) return answer('```json\n{"ok": true}\n```', { takesMs });
	if (roll < 0.6) return answer('{"ok": true}', { takesMs, finishReason: pick(random, ['content_filter', 'other', 'context_window']) });
	return fail(pick(random, providerReasons), {
		takesMs,
		...(random() < 0.3 && { retryAfterMs: between(random, 0, 60_000) }),
		...(random() < 0.1 && { retryAdvice: pick(random, ['retry', 'no_retry'] as const) }),
		...(random() < 0.5 && { parameter: pick(random, ['temperature', 'maxOutputTokens'] as const) }),
	});
}

interface Played {
	readonly outcome: Outcome;
	readonly steps: readonly ScriptedStep[];
	readonly acts: readonly (readonly Act[])[];
	readonly cancelledAt: number | undefined;
	readonly deadline: number;
	readonly endedAt: number;
}

/** Tasks that run at the same time against the same five targets, some of them cancelled on the way. */
async function playWorld(seed: number, tasks: number): Promise<readonly Played[]> {
	const random = seededRandom(seed);
	const clock = createVirtualClock();
	const shared = { breakers: createCircuitBreakers(clock), gates: createRateLimitGates(clock) };
	return clock.drive(Promise.all(Array.from({ length: tasks }, () => playTask(random, clock, shared))));
}

async function playTask(random: Random, clock: VirtualClock, shared: Pick<ChainPorts, 'breakers' | 'gates'>): Promise<Played> {
	await clock.wait(between(random, 0, 600_000), new AbortController().signal);
	const acts = Array.from({ length: 5 }, () => Array.from({ length: 4 }, () => anyAct(random)));
	const steps = acts.map((plan, index) =>
		scriptedStep(clock, plan, {
			target: `target ${index}`,
			maxAttempts: between(random, 1, 4),
			attemptTimeoutMs: between(random, 100, 60_000),
			settings: { model: `model ${index}`, maxOutputTokens: 100, ...(random() < 0.5 && { contextWindow: between(random, 1000, 100_000) }) },
		}),
	);
	const cancel = new AbortController();
	// Now and then the time was used up before the chain began, as by a wait for another run.
	const deadline = clock.now() + (random() < 0.02 ? 0 : between(random, 100, 400_000));
	const task = taskOf(clock, steps, { deadline, content, schemaProblems: chaosSchemaProblems, cancel: cancel.signal });
	let cancelledAt: number | undefined;
	if (random() < 0.1) {
		void clock.wait(between(random, 0, 100_000), cancel.signal).then(() => {
			cancelledAt = clock.now();
			cancel.abort();
		});
	}
	const outcome = await runChain(task, portsOf(clock, { random, ...shared }));
	const endedAt = clock.now();
	checkTask(task, outcome);
	return { outcome, steps, acts, cancelledAt: cancelledAt !== undefined && cancelledAt <= endedAt ? cancelledAt : undefined, deadline, endedAt };
}

function checkTimes({ outcome, steps, acts, cancelledAt, deadline, endedAt }: Played): void {
	expect(endedAt, 'the deadline holds').toBeLessThanOrEqual(deadline + 1e-3);
	if (outcome.kind === 'cancelled') {
		expect(cancelledAt).toBeDefined();
		for (const call of steps.flatMap((step) => step.calls)) expect(call.at, 'a cancelled task makes no further call').toBeLessThanOrEqual(cancelledAt!);
		expect(endedAt, 'cancelling ends it at once').toBe(cancelledAt);
	}
	const calls = steps.reduce((sum, step) => sum + step.calls.length, 0);
	expect(outcome.attempts.filter((attempt) => attempt.outcome !== 'skipped').length, 'the trail holds every call').toBe(calls);
	steps.forEach((step, index) => {
		step.calls.slice(1).forEach((call, at) => {
			const act = acts[index]![at]!;
			const before = step.calls[at]!;
			if (act.kind === 'failure' && before.aborted !== true) {
				expect(call.at - before.endedAt!, 'Retry-After is obeyed').toBeGreaterThanOrEqual((act.retryAfterMs ?? 0) - 1e-6);
			}
		});
	});
}

describe('chaos in driven time', () => {
	it('breaks no promise for 5,000 tasks at once', async () => {
		const played = await playWorld(20261120, 5000);
		expect(played).toHaveLength(5000);
		played.forEach(checkTimes);

		const ends = new Set(played.map(({ outcome }) => (outcome.kind === 'escalated' ? outcome.reasonCode : outcome.kind)));
		for (const end of ['answered', 'cancelled', 'all_models_failed', 'deadline_exceeded']) expect(ends, 'the plan is varied').toContain(end);
		const seen = new Set(played.flatMap(({ outcome }) => outcome.attempts.flatMap((attempt) => (attempt.outcome === 'answered' ? [] : [attempt.reason]))));
		for (const reason of failureReasons) expect(seen, 'every reason of the table occurs').toContain(reason);
	});

	it('breaks no promise for 200 seeds', async () => {
		for (let seed = 1; seed <= 200; seed += 1) {
			const played = await playWorld(seed, 25);
			try {
				played.forEach(checkTimes);
			} catch (error) {
				throw new Error(`seed ${seed}`, { cause: error });
			}
		}
	});

	it('leaves no circuit shut for a target that is well again', async () => {
		const clock = createVirtualClock();
		const breakers = createCircuitBreakers(clock);
		const ports = portsOf(clock, { breakers });
		const broken = scriptedStep(clock, [fail('authentication')], { target: 'same' });
		await clock.drive(runChain(taskOf(clock, [broken]), ports));
		await clock.drive(clock.wait(30_000, new AbortController().signal));
		const healed = scriptedStep(clock, [answer()], { target: 'same' });
		const other = scriptedStep(clock, [answer()]);
		for (let task = 0; task < 3; task += 1) {
			expect(await clock.drive(runChain(taskOf(clock, [healed, other]), ports))).toMatchObject({ kind: 'answered', step: 1 });
		}
		expect(failureTable.authentication.breaker).toBe('opens');
	});
});
