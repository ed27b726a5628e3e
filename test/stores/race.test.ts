import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { linesOf } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { openStore } from './processes/store-address';
import { realStoreKinds, startRealStores, type RealStores } from './real-stores';

const processes = 4;
const claimsPerProcess = 16;
const rounds = 200;

/** For a machine that does much else at the same time; alone it takes a tenth, in ms. */
const patienceMs = 240_000;

let stores: RealStores;

beforeAll(async () => {
	stores = await startRealStores();
});

afterAll(async () => {
	await stores.stop();
});

describe.each(realStoreKinds)('%s', (kind) => {
	it(
		`lets exactly one of ${processes * claimsPerProcess} concurrent claims from ${processes} processes win, ${rounds} times`,
		async () => {
			const address = stores.fresh(kind);
			const racers = Array.from({ length: processes }, () => startChild('racer.ts', address, claimsPerProcess));
			await Promise.all(racers.map(async (racer) => await messageFrom(racer)));

			const winners: number[] = [];
			for (let round = 0; round < rounds; round++) {
				const wins = racers.map(async (racer) => await messageFrom<number>(racer));
				for (const racer of racers) racer.send(`round ${round}`);
				winners.push((await Promise.all(wins)).reduce((sum, count) => sum + count));
			}
			for (const racer of racers) racer.disconnect();

			expect(winners).toEqual(Array.from({ length: rounds }, () => 1));
		},
		patienceMs,
	);

	it(
		`counts each of many tasks once, though ${processes} processes work through the same ones`,
		async () => {
			const address = stores.fresh(kind);
			const keys = Array.from({ length: 200 }, (_, index) => `task ${index}`);
			const log = join(await mkdtemp(join(tmpdir(), 'race-')), 'log');
			const ownTask = (process: number) => `only of process ${process}`;
			await Promise.all(
				Array.from({ length: processes }, async (_, process) => {
					await once(
						startChild('worker.ts', address, { keys: [...keys, ownTask(process)], concurrency: 8, log }),
						'exit',
					);
				}),
			);
			const store = openStore(address);
			const tasks = keys.length + processes;
			expect((await store.list({ states: ['answered'], limit: 500 })).records).toHaveLength(tasks);
			expect([await linesOf(store, 'task'), await linesOf(store, 'attempt')]).toEqual([tasks, tasks]);
			await store.close();
			await rm(dirname(log), { recursive: true });
		},
		patienceMs,
	);
});
