import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { messageFrom, startChild } from './processes/child';
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
	it(`lets exactly one of ${processes * claimsPerProcess} concurrent claims from ${processes} processes win, ${rounds} times`, async () => {
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
	}, patienceMs);
});
