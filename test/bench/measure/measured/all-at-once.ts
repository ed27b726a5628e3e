import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from '../../contenders/contender.ts';
import { contenderWith } from '../../contenders/index.ts';
import { installPeers } from '../../peers/install.ts';
import { concurrently } from '../rounds.ts';

export interface AllAtOnce {
	readonly contender: string;
	readonly route: Route;
	/** A well provider, to load everything that loads late. */
	readonly warmUp: Route;
	readonly items: number;
	readonly concurrency: number;
	/** Who is not done by then has no answer. */
	readonly withinMs: number;
}

export interface AllAnswered {
	readonly answered: number;
	readonly failed: number;
	readonly seconds: number;
}

/** Starts all items at once and counts the answers. */
export default async function allAtOnce({
	contender: id,
	route,
	warmUp,
	items,
	concurrency,
	withinMs,
}: AllAtOnce): Promise<AllAnswered> {
	const contender = contenderWith(id, await installPeers());
	const warm = await contender.open(warmUp);
	await warm.call('Warm up');
	await warm.close?.();
	const caller = await contender.open(route);
	let answered = 0;
	let failed = 0;
	let lastAt = performance.now();
	const start = performance.now();
	const work = async () => {
		if (caller.manyAnswered !== undefined) {
			answered = await caller.manyAnswered('Hello', items, concurrency);
			failed = items - answered;
			lastAt = performance.now();
			return;
		}
		await concurrently(items, concurrency, async () => {
			await caller.call('Hello').then(
				() => void (answered += 1),
				() => void (failed += 1),
			);
			lastAt = performance.now();
		});
	};
	await Promise.race([work(), sleep(withinMs)]);
	const seconds = (answered + failed < items ? performance.now() : lastAt) - start;
	await caller.close?.();
	return { answered, failed, seconds: seconds / 1000 };
}
