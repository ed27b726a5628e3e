import { setTimeout as sleep } from 'node:timers/promises';
import type { CountedModel, Generation } from './counted-model.ts';
import { until } from './processes.ts';
import { sendAll, type SendOptions, type SentCall } from './sender.ts';

const tasks = 50;
const callsPerTask = 4;

/** The calls of one task are this many tasks apart, so that some meet its first run and some come after it. */
const tasksBetweenCalls = 3;

/** Longer than it takes to store an answer, and for the workers to have as much under way as they take. */
const settledWithinMs = 2000;

export const deadlineSeconds = 10;

/** A lease outlives the deadline by this much. */
const leaseMarginMs = 30_000;

/**
 * Longer than the deadline, so that a sender gives up on a process that is gone and hardly on a slow one. n8n never
 * runs the executions of a killed worker again: at its default settings it answers their calls with 500, 100 s later.
 */
const sending: SendOptions = { once: true, timeoutMs: 15_000 };

/** What became of 200 calls with 50 task IDs. */
export interface InterruptedRun {
	readonly taskIds: readonly string[];
	readonly sent: readonly SentCall[];
	/** The generations that the killed process waited for. */
	readonly underWay: readonly Generation[];
	/** The tasks that were answered before. */
	readonly doneBefore: readonly string[];
	/** One more call for each task, once the leases of the killed process were over. */
	readonly afterwards: readonly SentCall[];
}

export interface Interruption {
	/** Whether the process that is about to be killed called for this generation. */
	readonly isVictims: (generation: Generation) => boolean;
	readonly kill: () => Promise<void>;
	readonly startAnew: () => Promise<void>;
}

/**
 * Sends calls to all webhooks at the same time, and kills a process midway, while a model works for it. Gives the run
 * of each webhook.
 */
export async function runInterrupted(
	webhooks: Readonly<Record<string, string>>,
	callsAtATime: number,
	model: CountedModel,
	interruption: Interruption,
): Promise<ReadonlyMap<string, InterruptedRun>> {
	const leases = new LostLeases();
	const options: SendOptions = { ...sending, beforeTry: async () => await leases.awaitEndWhenNear() };
	const plans = Object.entries(webhooks).map(([name, webhook]) => ({
		name,
		webhook,
		taskIds: Array.from({ length: tasks }, (_, task) => `${name}-${task}`),
	}));
	const [{ underWay, doneBefore }, ...sent] = await Promise.all([
		interruptMidway(plans.length * tasks, model, interruption, leases),
		...plans.map(
			async ({ webhook, taskIds }) => await sendAll(webhook, inOrderOfArrival(taskIds), callsAtATime, options),
		),
	]);
	await leases.awaitEnd();
	const runs = plans.map(async ({ name, webhook, taskIds }, plan): Promise<[string, InterruptedRun]> => {
		const isOurs = ({ taskId }: Generation) => taskIds.includes(taskId);
		const afterwards = await sendAll(webhook, taskIds, callsAtATime, options);
		return [
			name,
			{
				taskIds,
				sent: sent[plan] ?? [],
				underWay: underWay.filter(isOurs),
				doneBefore: doneBefore.filter(isOurs).map(({ taskId }) => taskId),
				afterwards,
			},
		];
	});
	return new Map(await Promise.all(runs));
}

async function interruptMidway(
	allTasks: number,
	model: CountedModel,
	{ isVictims, kill, startAnew }: Interruption,
	leases: LostLeases,
) {
	await until('half of the work is under way', () => model.generations.length >= allTasks / 2);
	const heldAt = Date.now();
	model.hold();
	// By then all answers given before are stored, so that nothing but what is under way can be lost.
	await sleep(settledWithinMs);
	const patientUntil = Date.now() + settledWithinMs;
	await until(
		'the model works for the victim',
		() => model.underWay().filter(isVictims).length >= (Date.now() < patientUntil ? 4 : 1),
	);
	const underWay = model.underWay().filter(isVictims);
	const doneBefore = model.delivered();
	await kill();
	leases.lost(heldAt);
	await until('its calls broke', () => underWay.every(({ state }) => state === 'lost'));
	model.resume();
	await startAnew();
	return { underWay, doneBefore };
}

/** The leases of a process that was killed. They end one after the other, those of the last claims at last. */
class LostLeases {
	private lostAt: number | undefined;
	private heldAt: number | undefined;

	/** `heldAt`: since when the model has answered nothing. */
	lost(heldAt: number): void {
		this.lostAt = Date.now();
		this.heldAt = heldAt;
	}

	async awaitEnd(): Promise<void> {
		const end = (this.lostAt ?? 0) + deadlineSeconds * 1000 + leaseMarginMs;
		await sleep(Math.max(0, end + settledWithinMs - Date.now()));
	}

	/**
	 * A call that still waits for the task when the lease ends takes it over with what is left of its own time. When that
	 * is next to nothing, it escalates with `deadline_exceeded`, and the task stays with a human. On a busy machine, what the
	 * model was held with was claimed long before the kill, and a call is some time on its way into its execution.
	 */
	async awaitEndWhenNear(): Promise<void> {
		const firstMayEndWhileWaiting = (this.heldAt ?? Number.POSITIVE_INFINITY) + leaseMarginMs - 3 * settledWithinMs;
		if (Date.now() > firstMayEndWhileWaiting) await this.awaitEnd();
	}
}

function inOrderOfArrival(taskIds: readonly string[]): readonly string[] {
	return taskIds
		.flatMap((taskId, task) =>
			Array.from({ length: callsPerTask }, (_, call) => ({ taskId, at: task + call * tasksBetweenCalls })),
		)
		.sort((left, right) => left.at - right.at)
		.map(({ taskId }) => taskId);
}

/** One line for the log. */
export function summaryOf(name: string, run: InterruptedRun, model: CountedModel): string {
	const generations = model.generations.filter(({ taskId }) => run.taskIds.includes(taskId));
	const replies = run.sent.map(
		({ reply }) =>
			reply.reasonCode ?? (reply.replayed === true ? 'replayed' : reply.output === undefined ? 'refused' : 'answered'),
	);
	return [
		`${name}: ${tally(replies)}`,
		`failed tries: ${tally(run.sent.flatMap(({ failedTries }) => failedTries))}`,
		`generations: ${tally(generations.map(({ state }) => state))}; ${run.underWay.length} under way when killed\n`,
	].join('; ');
}

function tally(names: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'none';
}
