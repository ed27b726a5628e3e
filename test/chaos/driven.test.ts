import { describe, expect, it } from 'vitest';
import { createCircuitBreakers } from '../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import type { Random } from '../../nodes/ResilientLlm/engine/clock';
import type { ChainPorts } from '../../nodes/ResilientLlm/engine/run';
import { failureReasons } from '../../nodes/ResilientLlm/engine/failure';
import { failureTable } from '../../nodes/ResilientLlm/engine/failure-table';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import { createRateLimitGates } from '../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import type { Task } from '../../nodes/ResilientLlm/engine/task';
import {
	answer,
	fail,
	hang,
	portsOf,
	scriptedStep,
	taskOf,
	type Act,
	type Call,
	type ScriptedStep,
} from '../engine/scripted-step';
import { createVirtualClock, type VirtualClock } from '../engine/virtual-clock';
import { chaosSchema, chaosSchemaProblems, checkTask } from './invariants';
import { checkLimits, longestWordMs, type Word } from './limit-rules';
import { between, pick, seededRandom } from './seeded-random';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

const providerReasons = failureReasons.filter(
	(reason) => !['circuit_open', 'deadline_exceeded', 'cancelled'].includes(reason),
);
const content = conversationOf({
	prompt: 'p',
	systemMessage: '',
	attachments: [],
	output: { kind: 'jsonSchema', schema: chaosSchema },
});

function anyAct(random: Random): Act {
	const takesMs = between(random, 0, 70_000);
	const roll = random();
	if (roll < 0.3) return answer('{"ok": true}', { takesMs });
	if (roll < 0.35) return hang;
	if (roll < 0.4) return answer('', { takesMs });
	if (roll < 0.45) return answer('{"ok": tr', { takesMs, finishReason: 'length' });
	if (roll < 0.5) return answer('{"ok": false}', { takesMs });
	if (roll < 0.55) return answer('```json\n{"ok": true}\n```', { takesMs });
	if (roll < 0.6)
		return answer('{"ok": true}', {
			takesMs,
			finishReason: pick(random, ['content_filter', 'other', 'context_window']),
		});
	return fail(pick(random, providerReasons), {
		takesMs,
		...(random() < 0.3 && { retryAfterMs: anyPause(random) }),
		...(random() < 0.1 && { retryAdvice: pick(random, ['retry', 'no_retry'] as const) }),
		...(random() < 0.5 && { parameter: pick(random, ['temperature', 'maxOutputTokens'] as const) }),
	});
}

/** Servers ask for no pause, for a short one, for one that fits hardly any task, and for years. */
function anyPause(random: Random): number {
	const roll = random();
	if (roll < 0.1) return 0;
	if (roll < 0.8) return between(random, 1, 60_000);
	return roll < 0.9 ? between(random, 60_000, 600_000) : pick(random, [86_400_000, 1e12, 3e15]);
}

interface Played {
	readonly outcome: Outcome;
	readonly task: Task;
	readonly steps: readonly ScriptedStep[];
	readonly acts: readonly (readonly Act[])[];
	readonly begunAt: number;
	readonly cancelledAt: number | undefined;
	readonly deadline: number;
	readonly endedAt: number;
}

interface World {
	/** Tasks that run at the same time. */
	readonly tasks: number;
	/** Targets that they share. */
	readonly targets: number;
	/** Steps of a task at most. */
	readonly steps: number;
	/** How much time a task has at least, in ms. */
	readonly shortestMs: number;
	/** The tasks begin within this time, in ms. */
	readonly withinMs: number;
}

/** Tasks that run at the same time against the same targets, some of them cancelled on the way. */
async function playWorld(seed: number, world: World): Promise<readonly Played[]> {
	const random = seededRandom(seed);
	const clock = createVirtualClock();
	const shared = { breakers: createCircuitBreakers(clock), gates: createRateLimitGates(clock) };
	return clock.drive(Promise.all(Array.from({ length: world.tasks }, () => playTask(random, clock, world, shared))));
}

type Shared = Pick<ChainPorts, 'breakers' | 'gates'>;

async function playTask(random: Random, clock: VirtualClock, world: World, shared: Shared): Promise<Played> {
	await clock.wait(between(random, 0, world.withinMs), new AbortController().signal);
	const places = between(random, 1, world.steps);
	const acts = Array.from({ length: places }, () => Array.from({ length: 4 }, () => anyAct(random)));
	const steps = acts.map((plan, index) =>
		scriptedStep(clock, plan, {
			target: `target ${index % world.targets}`,
			maxAttempts: between(random, 1, 4),
			attemptTimeoutMs: between(random, 100, 60_000),
			settings: {
				model: `model ${index}`,
				maxOutputTokens: 100,
				...(random() < 0.5 && { contextWindow: between(random, 1000, 100_000) }),
			},
		}),
	);
	const cancel = new AbortController();
	const begunAt = clock.now();
	// Now and then the time was used up before the chain began, as by a wait for another run.
	const deadline = begunAt + (random() < 0.02 ? 0 : between(random, world.shortestMs, 400_000));
	const execution = `execution ${between(random, 1, 4)}`;
	const task = taskOf(clock, steps, {
		deadline,
		content,
		execution,
		schemaProblems: chaosSchemaProblems,
		cancel: cancel.signal,
	});
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
	return {
		outcome,
		task,
		steps,
		acts,
		begunAt,
		cancelledAt: cancelledAt !== undefined && cancelledAt <= endedAt ? cancelledAt : undefined,
		deadline,
		endedAt,
	};
}

/** Every pause that a server asked for, with the refusal that its caller heard. */
function wordsOf(played: readonly Played[]): readonly Word[] {
	return played.flatMap(({ steps, acts }) =>
		steps.flatMap(({ target, calls }, index) =>
			calls.flatMap(({ endedAt, aborted }, at) => {
				const act = acts[index]![Math.min(at, acts[index]!.length - 1)]!;
				const isHeard =
					act.kind === 'failure' && act.reason === 'rate_limited' && aborted !== true && endedAt !== undefined;
				return isHeard ? [{ target, heardAt: endedAt, until: endedAt + (act.retryAfterMs ?? 0) }] : [];
			}),
		),
	);
}

function checkWorld(played: readonly Played[]): void {
	const words = wordsOf(played);
	for (const one of played) {
		checkTimes(one);
		checkLimits(one.task, one.begunAt, one.outcome, words);
	}
	const steps = played.flatMap((one) => one.steps);
	for (const target of new Set(steps.map((step) => step.target))) {
		const heard = words.filter((word) => word.target === target);
		const calls = steps.filter((step) => step.target === target).flatMap((step) => step.calls);
		const isInPause = ({ at }: Call) =>
			heard.some(({ heardAt, until }) => heardAt < at && at < Math.min(until, heardAt + longestWordMs) - 1e-3);
		expect(calls.filter(isInPause), 'nobody is called in a pause that the server asked for').toEqual([]);
	}
}

function checkTimes({ outcome, steps, acts, cancelledAt, deadline, endedAt }: Played): void {
	expect(endedAt, 'the deadline holds').toBeLessThanOrEqual(deadline + 1e-3);
	if (outcome.kind === 'cancelled') {
		expect(cancelledAt).toBeDefined();
		for (const call of steps.flatMap((step) => step.calls))
			expect(call.at, 'a cancelled task makes no further call').toBeLessThanOrEqual(cancelledAt!);
		expect(endedAt, 'cancelling ends it at once').toBe(cancelledAt);
	}
	const calls = steps.reduce((sum, step) => sum + step.calls.length, 0);
	expect(outcome.attempts.filter((attempt) => attempt.outcome !== 'skipped').length, 'the trail holds every call').toBe(
		calls,
	);
	steps.forEach((step, index) => {
		step.calls.slice(1).forEach((call, at) => {
			const act = acts[index]![at]!;
			const before = step.calls[at]!;
			if (act.kind === 'failure' && before.aborted !== true) {
				expect(call.at - before.endedAt!, 'Retry-After is obeyed').toBeGreaterThanOrEqual(
					Math.min(longestWordMs, act.retryAfterMs ?? 0) - 1e-3,
				);
			}
		});
	});
}

/** `CHAOS_SEEDS=4000` plays them all. */
const seeds = Number(process.env['CHAOS_SEEDS'] ?? 1000);

describe('chaos in driven time', () => {
	it('breaks no promise for 5,000 tasks at once', async () => {
		const played = await playWorld(20261120, { tasks: 5000, targets: 5, steps: 5, shortestMs: 100, withinMs: 600_000 });
		expect(played).toHaveLength(5000);
		checkWorld(played);

		const ends = new Set(
			played.map(({ outcome }) => (outcome.kind === 'escalated' ? outcome.reasonCode : outcome.kind)),
		);
		for (const end of ['answered', 'cancelled', 'all_models_failed', 'deadline_exceeded'])
			expect(ends, 'the plan is varied').toContain(end);
		const seen = new Set(
			played.flatMap(({ outcome }) =>
				outcome.attempts.flatMap((attempt) => (attempt.outcome === 'answered' ? [] : [attempt.reason])),
			),
		);
		for (const reason of failureReasons) expect(seen, 'every reason of the table occurs').toContain(reason);
	});

	it(`breaks no promise for ${seeds} seeds`, { timeout: 1_200_000 }, async () => {
		for (let seed = 1; seed <= seeds; seed += 1) {
			const played = await playWorld(seed, {
				tasks: 25,
				targets: 1 + (seed % 7),
				steps: 1 + (seed % 20),
				shortestMs: 100,
				// Beside crowds, an afternoon: a pause of years is tried again after an hour.
				withinMs: seed % 3 === 0 ? 4 * 3_600_000 : 600_000,
			});
			try {
				checkWorld(played);
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
			expect(await clock.drive(runChain(taskOf(clock, [healed, other]), ports))).toMatchObject({
				kind: 'answered',
				step: 1,
			});
		}
		expect(failureTable.authentication.breaker).toBe('opens');
	});
});
