import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../task-store/processes.ts';
import type { OpenReview, Reviews } from './reviews.ts';
import type { Witness } from './witness.ts';

const perStore = 4;
const longestWorkSeconds = 1.5;

/** From the click to the first node after the trigger; measured were 0.2 s. */
const startMs = 300;

/** How long after its last node n8n may still not have stored that an execution ended. */
const storedWithinMs = 500;

/** From the first click to the kill. */
const roundMs = 4000;

/**
 * Reviewers decide at random moments until the kill. In each store one of them clicks so that the kill finds their
 * decision anywhere between the click and the end of its execution, half of them in its first moments. Gives the
 * decisions that the kill hit.
 */
export async function decideUntilKilled(
	stores: readonly Reviews[],
	witness: Witness,
	kill: () => Promise<void>,
): Promise<readonly OpenReview[]> {
	const clicks = (await Promise.all(stores.map(clicksOn))).flat();
	const startAt = Date.now() + 200;
	const killAt = startAt + roundMs;
	const decided = clicks.map(async ({ reviews, review, beforeKillMs }) => {
		await sleep(killAt - beforeKillMs - Date.now());
		await reviews.decide(review);
	});
	await sleep(killAt - Date.now());
	const undelivered = (await Promise.all(stores.map(async (reviews) => await reviews.undelivered()))).flat();
	const killedAt = Date.now();
	await kill();
	await Promise.all(decided);

	const isDone = (review: OpenReview) => endedBefore(review, witness, killedAt) && !undelivered.includes(review.taskId);
	const hit = clicks.map(({ review }) => review).filter((review) => !isDone(review));
	for (const review of hit) review.wasHit = true;
	return hit;
}

/** A decision in each store from the click to the end of its execution, so that nothing is slow for being the first. */
export async function warmUp(stores: readonly Reviews[], witness: Witness): Promise<void> {
	await Promise.all(
		stores.map(async (reviews) => {
			const review = await reviews.open(0);
			await reviews.decide(review);
			await until(
				`an execution with ${review.taskId} ended`,
				() => witness.executionsOf(review.taskId, 'end').length > 0,
			);
		}),
	);
	await sleep(storedWithinMs);
}

interface Click {
	readonly reviews: Reviews;
	readonly review: OpenReview;
	readonly beforeKillMs: number;
}

async function clicksOn(reviews: Reviews): Promise<readonly Click[]> {
	return await Promise.all(
		Array.from({ length: perStore }, async (_, index): Promise<Click> => {
			const workSeconds = Math.random() * longestWorkSeconds;
			const review = await reviews.open(workSeconds);
			const lifeMs = Math.random() < 0.5 ? startMs : startMs + workSeconds * 1000 + storedWithinMs;
			return { reviews, review, beforeKillMs: Math.random() * (index === 0 ? lifeMs : roundMs) };
		}),
	);
}

function endedBefore({ taskId }: OpenReview, witness: Witness, instant: number): boolean {
	return witness.heard.some((one) => one.taskId === taskId && one.stage === 'end' && one.at < instant - storedWithinMs);
}
