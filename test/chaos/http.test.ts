import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import {
	createCircuitBreakers,
	defaultCircuitBreakerPolicy,
	type CircuitBreakers,
} from '../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import type { ChainEvent, Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import { createRateLimitGates, type RateLimitGates } from '../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import type { Step, Task } from '../../nodes/ResilientLlm/engine/task';
import { systemClock } from '../../nodes/ResilientLlm/host/clock';
import { reply, startFaultServer, type FaultServer } from '../providers/fault-server';
import { vendors, type Vendor } from '../providers/vendors';
import { faultNames, type Fault } from './http-faults';
import { pathOfCall, plannedTask, type PlannedTask } from './http-plan';
import { chaosSchema, chaosSchemaProblems, checkTask } from './invariants';
import { watchLoopStalls, type LoopStalls } from './loop-stalls';
import { seededRandom } from './seeded-random';
import { sinceBootMs, startFaultProcess, type FaultProcess } from './served-elsewhere';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

const taskCount = 300;
const concurrency = 20;

/** How late a task may end, net of the time in which the machine let nobody work. */
const latestMs = 50;

/** Node's timers count whole milliseconds and may fire up to one early. */
const timerGrainMs = 1;

const never = new AbortController().signal;
const plantedKey = 'sk-planted-4Jd8Qw2Zr7Xn5Tb1';

const content = conversationOf({
	prompt: 'Is it well? Answer in JSON.',
	systemMessage: 'Be brief.',
	attachments: [],
	output: { kind: 'jsonSchema', schema: chaosSchema },
});

/** A call that reached the server. */
interface ServedCall {
	/** When the client sent its head, as undici itself tells. */
	readonly sentAt: number;
	/** When the server replied, or began to. */
	readonly repliedAt: number;
	readonly fault: Fault;
}

interface Played {
	readonly index: number;
	readonly plan: PlannedTask;
	readonly task: Task;
	readonly outcome: Outcome;
	readonly events: readonly ChainEvent[];
	/** Calls that the chain made, by step. */
	readonly made: readonly number[];
	readonly endedAt: number;
	readonly cancelledAt: number | undefined;
}

let server: FaultProcess;
let thief: FaultServer;
let stalls: LoopStalls;
let played: readonly Played[];
let served: ReadonlyMap<string, ServedCall>;
/** Paths of requests that no task made, and of those that came twice. */
let strays: readonly string[];
const sendTimes = new Map<string, number>();

beforeAll(async () => {
	thief = await startFaultServer();
	thief.answer(reply(200, '{}'));
	const parameters = { thief: thief.url };
	server = await startFaultProcess('./http-plan', parameters);
	await warmUp();
	const plans = Array.from({ length: taskCount }, (_, index) => plannedTask(index, parameters));
	subscribe('undici:client:sendHeaders', noteSending);
	stalls = watchLoopStalls(systemClock.now);
	played = await playAll(plans);
	// Whatever a task that has ended still does in secret shows by now.
	await systemClock.wait(300, never);
	stalls.stop();
	await readJournal();
}, 60_000);
afterAll(async () => {
	unsubscribe('undici:client:sendHeaders', noteSending);
	await server.close();
	await thief.close();
});

function noteSending(message: unknown): void {
	sendTimes.set((message as { readonly request: { readonly path: string } }).request.path, systemClock.now());
}

/**
 * Every SDK is loaded with its first call, and its code compiled during the next ones; that takes longer than the
 * attempts here may.
 */
async function warmUp(): Promise<void> {
	const request = { content, settings: { model: 'm', maxOutputTokens: 1 }, dropped: [] };
	for (let round = 0; round < 20; round += 1) {
		await Promise.all(vendors.map(async (vendor) => await adapter(vendor, '/warm-up').complete(request, never)));
	}
}

async function readJournal(): Promise<void> {
	const offset = systemClock.now() - sinceBootMs();
	const calls = new Map<string, ServedCall>();
	const others: string[] = [];
	for (const { path, at } of await server.journal()) {
		if (path.startsWith('/warm-up')) continue;
		const [, index, place, call] = (/^\/task-(\d+)\/step-(\d+)\/call-(\d+)\//.exec(path) ?? []).map(Number);
		const fault = played.find((one) => one.index === index)?.plan.steps[place ?? -1]?.faults[call ?? -1];
		const key = pathOfCall(index!, place!, call!);
		if (fault === undefined || calls.has(key)) others.push(path);
		else calls.set(key, { sentAt: sendTimes.get(path)!, repliedAt: at + offset, fault });
	}
	served = calls;
	strays = others;
}

async function playAll(plans: readonly PlannedTask[]): Promise<readonly Played[]> {
	const breakers = createCircuitBreakers(systemClock, {
		...defaultCircuitBreakerPolicy,
		consecutiveFailures: 3,
		windowMs: 600,
		openMs: 30,
		maxOpenMs: 90,
	});
	const gates = createRateLimitGates(systemClock);
	const results: Played[] = [];
	const waiting = plans.entries();
	await Promise.all(
		Array.from({ length: concurrency }, async () => {
			for (const [index, plan] of waiting) {
				await systemClock.wait(plan.startAfterMs, never);
				results.push(await playTask(index, plan, breakers, gates));
			}
		}),
	);
	return results;
}

async function playTask(
	index: number,
	plan: PlannedTask,
	breakers: CircuitBreakers,
	gates: RateLimitGates,
): Promise<Played> {
	const made = plan.steps.map(() => 0);
	const cancel = new AbortController();
	const task: Task = {
		content,
		steps: plan.steps.map((step, place): Step => {
			const { vendor, maxAttempts, attemptTimeoutMs, contextWindow } = step;
			return {
				provider: vendor.name,
				label: vendor.name,
				// Some tasks share their targets, and so their circuits; a day's Retry-After stays among these few.
				target: `${vendor.name} ${Math.floor(index / 6)}`,
				settings: {
					model: vendor.model,
					maxOutputTokens: 100,
					temperature: 0.5,
					...(contextWindow !== undefined && { contextWindow }),
				},
				maxAttempts,
				attemptTimeoutMs,
				complete: async (request, signal) =>
					await adapter(vendor, pathOfCall(index, place, made[place]!++)).complete(request, signal),
				price: () => 0,
			};
		}),
		execution: `execution ${index % 7}`,
		confidence: 'any',
		deadline: systemClock.now() + plan.deadlineMs,
		retryPolicy: { baseDelayMs: 5, maxDelayMs: 250 },
		rules: { onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
		schemaProblems: chaosSchemaProblems,
		cancel: cancel.signal,
	};
	let cancelledAt: number | undefined;
	const timer =
		plan.cancelAfterMs !== undefined &&
		setTimeout(() => {
			cancelledAt = systemClock.now();
			cancel.abort();
		}, plan.cancelAfterMs);
	const events: ChainEvent[] = [];
	const random = seededRandom(index);
	const outcome = await runChain(task, {
		clock: systemClock,
		random,
		breakers,
		gates,
		observe: (event) => events.push(event),
	});
	const endedAt = systemClock.now();
	if (timer !== false) clearTimeout(timer);
	return { index, plan, task, outcome, events, made, endedAt, cancelledAt };
}

function adapter(vendor: Vendor, path: string) {
	return vendor.create({ apiKey: plantedKey, baseUrl: `${server.url}${path}${vendor.basePath}`, network: {} });
}

function callsOf({ outcome }: Played, place: number): readonly Attempt[] {
	return outcome.attempts.filter(({ step, outcome: end }) => step === place + 1 && end !== 'skipped');
}

function servedCall({ index }: Played, place: number, call: number): ServedCall | undefined {
	return served.get(pathOfCall(index, place, call));
}

/** Each call of a task, as the chain tells of it and as the server saw it. */
function callPairs(one: Played) {
	return one.plan.steps.flatMap((_, place) =>
		callsOf(one, place).map((attempt, call) => ({
			attempt,
			seen: servedCall(one, place, call),
			next: servedCall(one, place, call + 1),
		})),
	);
}

/** Runs a check on every task, and names the task that fails it. */
function forEachTask(check: (one: Played) => void): void {
	for (const one of played) {
		try {
			check(one);
		} catch (error) {
			throw new Error(`Task ${one.index}, ${JSON.stringify(one.outcome.attempts)}`, { cause: error });
		}
	}
}

describe(`chaos over HTTP: ${taskCount} tasks, five SDKs`, () => {
	it('serves every kind of fault, and sees every kind of end', () => {
		const met = new Set([...served.values()].map(({ fault }) => fault.name));
		expect(faultNames.filter((name) => !met.has(name))).toEqual([]);

		const ends = new Set(played.map(({ outcome }) => outcome.kind));
		expect([...ends].sort()).toEqual(['answered', 'cancelled', 'escalated']);
		const reasons = new Set(
			played.flatMap(({ outcome }) =>
				outcome.attempts.flatMap((attempt) => (attempt.outcome === 'answered' ? [] : [attempt.reason])),
			),
		);
		for (const reason of [
			'rate_limited',
			'overloaded',
			'timeout',
			'network',
			'bad_response',
			'content_blocked',
			'empty_output',
			'truncated',
			'invalid_output',
			'circuit_open',
			'cancelled',
		] as const) {
			expect(reasons, 'the plan is varied').toContain(reason);
		}
	});

	it('ends each task once, with nothing on Success but whole answers', () => {
		expect(played).toHaveLength(taskCount);
		forEachTask(({ task, outcome, events }) => {
			checkTask(task, outcome);
			expect(events.filter(({ event }) => event === 'attempt-end')).toHaveLength(outcome.attempts.length);
		});
	});

	it('makes no call more than the steps allow, and each with one request', () => {
		expect(strays, 'requests that no task made, or calls that were sent twice').toEqual([]);
		forEachTask((one) => {
			one.task.steps.forEach((step, place) => {
				expect(one.made[place]).toBeLessThanOrEqual(step.maxAttempts);
				expect(one.made[place], 'the trail holds every call').toBe(callsOf(one, place).length);
			});
		});
	});

	it('calls what went wrong on the wire by its name', () => {
		forEachTask((one) => {
			for (const { attempt, seen } of callPairs(one)) {
				if (seen?.fault.reasons === undefined) continue;
				expect(attempt, seen.fault.name).toMatchObject({ outcome: 'failed' });
				expect(['timeout', 'cancelled', ...seen.fault.reasons], seen.fault.name).toContain(
					attempt.outcome === 'failed' && attempt.reason,
				);
			}
		});
	});

	it('waits as long as a server asks, each time', async ({ annotate }) => {
		let obeyed = 0;
		forEachTask((one) => {
			for (const { attempt, seen, next } of callPairs(one)) {
				// A reply that came too late to be read asks nobody.
				const wasRead = attempt.outcome !== 'failed' || attempt.reason !== 'timeout';
				if (next === undefined || seen?.fault.retryAfterMs === undefined || !wasRead) continue;
				expect(next.sentAt - seen.repliedAt, `after ${seen.fault.name}`).toBeGreaterThanOrEqual(
					seen.fault.retryAfterMs - timerGrainMs,
				);
				obeyed += 1;
			}
		});
		await annotate(`${obeyed} pauses were asked for and kept`);
		expect(obeyed, 'pauses that were waited for').toBeGreaterThan(5);
	});

	it(`ends no task more than ${latestMs} ms after its deadline`, async ({ annotate }) => {
		const lateness = played.map(({ task, endedAt }) => ({
			raw: endedAt - task.deadline,
			net: endedAt - task.deadline - stalls.excusedMs(task.deadline, endedAt),
		}));
		await annotate(describeLateness(lateness));
		const late = lateness.filter(({ net }) => net > latestMs);
		expect(late, describeLateness(lateness)).toEqual([]);
	});

	it('ends a cancelled task at once, and it makes no further call', () => {
		const cancelled = played.filter(({ outcome }) => outcome.kind === 'cancelled');
		expect(cancelled.length).toBeGreaterThan(10);
		forEachTask((one) => {
			if (one.cancelledAt === undefined) {
				expect(one.outcome.kind).not.toBe('cancelled');
				return;
			}
			const { cancelledAt, endedAt, outcome } = one;
			expect(outcome.kind).toBe('cancelled');
			expect(endedAt - cancelledAt - stalls.excusedMs(cancelledAt, endedAt)).toBeLessThanOrEqual(latestMs);
			for (const { seen } of callPairs(one)) {
				if (seen !== undefined) expect(seen.sentAt, 'no call after the cancellation').toBeLessThanOrEqual(cancelledAt);
			}
		});
	});

	it('leads no credential to where a redirect points, nor to where anyone reads it', () => {
		expect(thief.requests).toEqual([]);
		expect(JSON.stringify(played.map(({ outcome, events }) => ({ outcome, events })))).not.toContain(plantedKey);
	});
});

function describeLateness(lateness: ReadonlyArray<{ readonly raw: number; readonly net: number }>): string {
	const atDeadline = lateness.filter(({ raw }) => raw > 0);
	const part = (kind: 'raw' | 'net', share: number) => {
		const sorted = atDeadline.map((one) => one[kind]).sort((left, right) => left - right);
		return (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
	};
	const excused = atDeadline.filter(({ raw, net }) => raw > latestMs && net <= latestMs).length;
	return [
		`${atDeadline.length} of ${lateness.length} tasks ended at their deadline;`,
		`ms late: median ${part('raw', 0.5)}, 95 % ${part('raw', 0.95)}, most ${part('raw', 1)};`,
		`net of stalls: 95 % ${part('net', 0.95)}, most ${part('net', 1)};`,
		`excused by a stall: ${excused};`,
		stalls.describe(),
	].join(' ');
}
