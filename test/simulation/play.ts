import { createCircuitBreakers } from '../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import type { EpochMs } from '../../nodes/ResilientLlm/engine/clock';
import { createRateLimitGates } from '../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import type { Task } from '../../nodes/ResilientLlm/engine/task';
import { stepBudgetMs } from '../../nodes/ResilientLlm/engine/time-budget';
import { checkLimits, type Word } from '../chaos/limit-rules';
import { seededRandom } from '../chaos/seeded-random';
import { portsOf, scriptedStep, taskOf } from '../engine/scripted-step';
import { createVirtualClock, type VirtualClock } from '../engine/virtual-clock';
import type { Cell } from './cells';
import { idealStarts, middlingCallMs } from './ideal';
import { createLimitedServer, sharedCapacity, times, type LimitedServer } from './limited-server';
import { createOtherCallers, shareLeft } from './other-callers';

/** What came of one cell. */
export interface Played {
	/** The batch, and single items of other executions that come while it is under way. */
	readonly items: number;
	readonly answered: number;
	/** Items that somebody who knows the limit gets an answer for within their time, from one of the servers. */
	readonly couldBeAnswered: number;
	/** Whether the first step alone has room for all of them, in its share of their time. */
	readonly fits: boolean;
	/** Items that were kept from a call by anything else than the server's own word. */
	readonly turnedAway: number;
	/** Refused calls per 100 items; a single item's first one is not counted. */
	readonly refusedShare: number;
	/** Until as many items were answered as could be, over the ideal, and beyond it in ms. */
	readonly time: { readonly ratio: number; readonly lateMs: number };
	/** The longest wait for a first call, beyond what finding a limit takes, over the item's turn. */
	readonly waitRatio: number;
}

interface PlayedTask {
	readonly begunAt: EpochMs;
	readonly firstCallAt: EpochMs | undefined;
	readonly endedAt: EpochMs;
	readonly task: Task;
	readonly outcome: Outcome;
}

const stepTimeoutMs = 45_000;

/** Whoever does not know a limit needs some time to find it, in ms. */
export const findingMs = 5000;

/** When the single items of others come: after these parts of the batch's ideal time. */
const besideAfter = [0.2, 0.5, 0.8];

/** The ideal goes on for so many calls after the batch, for single items that come later. */
const furtherCalls = 4000;

export async function playCell(cell: Cell, seed: number): Promise<Played> {
	const clock = createVirtualClock();
	const begun = clock.now();
	const servers = Array.from({ length: cell.steps }, (_, place) => serverOf(cell, clock, seed + place));
	const gates = createRateLimitGates(clock);
	const ports = portsOf(clock, { breakers: createCircuitBreakers(clock), gates, random: seededRandom(seed) });
	const ideal = idealOf(cell, begun, seed);
	const batchLasts = Math.min(ideal[cell.batch - 1] ?? 0, cell.deadlineMs);
	const besideAt = cell.batch === 1 ? [] : besideAfter.map((part) => part * batchLasts);

	const batch = Array.from({ length: cell.batch }, () => playTask(cell, clock, servers, ports, 'batch', 0));
	const beside = besideAt.map((afterMs, index) => playTask(cell, clock, servers, ports, `single ${index}`, afterMs));
	const playedBatch = await clock.drive(Promise.all(batch));
	const playedBeside = await clock.drive(Promise.all(beside));

	const played = [...playedBatch, ...playedBeside];
	const starts = ideal.slice(0, played.length);
	const answered = played.filter(({ outcome }) => outcome.kind === 'answered');
	const couldBeAnswered = starts.filter((start) => start + times.longestCallMs <= cell.deadlineMs).length;
	const refused = servers.reduce((sum, server) => sum + server.refused(), 0);
	const counted = Math.max(0, refused - (played.length === 1 ? 1 : 0));
	const reserveMs = Array.from({ length: cell.steps - 1 }, () => stepTimeoutMs);
	const firstShareMs = stepBudgetMs(cell.deadlineMs, stepTimeoutMs, reserveMs);
	const words = servers.flatMap((server, place): readonly Word[] =>
		server.words.map((word) => ({ ...word, target: targetOf(place) })),
	);
	return {
		items: played.length,
		answered: answered.length,
		couldBeAnswered,
		fits: (starts.at(-1) ?? 0) + times.longestCallMs <= firstShareMs,
		turnedAway: played.filter(({ task, begunAt, outcome }) => isTurnedAway(task, begunAt, outcome, words)).length,
		refusedShare: (100 * counted) / played.length,
		time: timeOf(answered, starts, couldBeAnswered, begun),
		waitRatio: Math.max(
			...playedBatch.map((task, turn) => waitRatioOf(cell, task, begun + (starts[turn] ?? 0))),
			...playedBeside.map((task) => waitRatioOf(cell, task, begun + nextButOne(cell, ideal, task.begunAt - begun))),
		),
	};
}

async function playTask(
	cell: Cell,
	clock: VirtualClock,
	servers: readonly LimitedServer[],
	ports: ReturnType<typeof portsOf>,
	execution: string,
	afterMs: number,
): Promise<PlayedTask> {
	await clock.wait(afterMs, never);
	let firstCallAt: EpochMs | undefined;
	const steps = servers.map((server, place) => ({
		...scriptedStep(clock, [], { target: targetOf(place), attemptTimeoutMs: stepTimeoutMs }),
		complete: async (_: unknown, signal: AbortSignal) => {
			firstCallAt ??= clock.now();
			return await server.complete(signal);
		},
	}));
	const begunAt = clock.now();
	const task = taskOf(clock, steps, { deadline: begunAt + cell.deadlineMs, execution });
	const outcome = await runChain(task, ports);
	return { begunAt, firstCallAt, endedAt: clock.now(), task, outcome };
}

const never = new AbortController().signal;

function targetOf(place: number): string {
	return `server ${place}`;
}

function isTurnedAway(...played: Parameters<typeof checkLimits>): boolean {
	try {
		checkLimits(...played);
		return false;
	} catch {
		return true;
	}
}

function serverOf({ limit, usage, retryAfter }: Cell, clock: VirtualClock, seed: number): LimitedServer {
	const random = seededRandom(seed);
	return createLimitedServer(clock, limit, createOtherCallers(limit, usage, random), retryAfter, random);
}

/** The first step's server, as an all-knowing caller meets it. */
function idealOf({ limit, usage, batch }: Cell, begun: EpochMs, seed: number): readonly number[] {
	const random = seededRandom(seed);
	const capacity = sharedCapacity(limit, createOtherCallers(limit, usage, random), begun, random);
	return idealStarts(batch + furtherCalls, limit, shareLeft(limit, usage), capacity, begun);
}

function timeOf(
	answered: readonly PlayedTask[],
	starts: readonly number[],
	could: number,
	begun: EpochMs,
): Played['time'] {
	const ends = answered.map(({ endedAt }) => endedAt - begun).sort((left, right) => left - right);
	const counted = Math.min(ends.length, could);
	if (counted === 0) return { ratio: 0, lateMs: 0 };
	const tookMs = ends[counted - 1] ?? 0;
	const idealMs = (starts[counted - 1] ?? 0) + times.longestCallMs;
	return { ratio: tookMs / idealMs, lateMs: tookMs - idealMs };
}

function waitRatioOf(cell: Cell, { begunAt, firstCallAt }: PlayedTask, turn: EpochMs): number {
	const waitedMs = firstCallAt === undefined ? 0 : firstCallAt - begunAt - findingMs;
	return waitedMs <= 0 ? 0 : waitedMs / Math.max(turn - begunAt, slotMs(cell));
}

/** From one call to the next, at the mean rate of what others leave, in ms. */
function slotMs({ limit, usage }: Cell): number {
	switch (limit.kind) {
		case 'none':
			return 1;
		case 'at once':
			return middlingCallMs / (limit.calls * shareLeft(limit, usage));
		default:
			return limit.periodMs / (limit.calls * shareLeft(limit, usage));
	}
}

/**
 * A single item beside a batch has its turn after the batch's next call: after two calls at the limit's mean rate, at
 * least.
 */
function nextButOne(cell: Cell, ideal: readonly number[], afterMs: number): number {
	const next = ideal.findIndex((start) => start >= afterMs);
	return Math.max(ideal[next + 1] ?? 0, afterMs + 2 * slotMs(cell));
}
