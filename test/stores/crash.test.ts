import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { linesOf } from './ledger-lines';
import { startChild } from './processes/child';
import { openStore, type StoreAddress } from './processes/store-address';
import { crashLeaseMs, workThrough } from './processes/work-through';
import { realStoreKinds, startRealStores, type RealStores } from './real-stores';

const rounds = 50;
const roundsAtOnce = 2;
const tasksPerRound = 12;
const concurrency = 3;

/** For a machine that does much else at the same time; alone it takes a tenth, in ms. */
const patienceMs = 240_000;

let stores: RealStores;
let folder: string;

beforeAll(async () => {
	stores = await startRealStores();
	folder = await mkdtemp(join(tmpdir(), 'crash-'));
});

afterAll(async () => {
	await stores.stop();
	await rm(folder, { recursive: true });
});

describe.each(realStoreKinds)('%s', (kind) => {
	it(
		`ends every task once, and pays for no stored answer again, though the process is killed ${rounds} times`,
		async () => {
			const address = stores.fresh(kind);
			const store = openStore(address);
			const afterTheLease = openStore(address, () => crashLeaseMs + 1000);
			// A process that ends by itself fills the compile cache for those that are killed.
			await workUntilKilled(
				address,
				{ keys: ['warm up'], concurrency, log: join(folder, `${kind} warm up`) },
				Infinity,
			);
			let inFlight = 0;

			await Promise.all(
				Array.from({ length: roundsAtOnce }, async (_, lane) => {
					for (let round = lane; round < rounds; round += roundsAtOnce) inFlight += await killedRound(round);
				}),
			);
			// The kill is not idle: some tasks were claimed or paid for, but not yet stored.
			expect(inFlight).toBeGreaterThan(rounds / 4);
			// Every answer was counted in the step that stored it.
			const answered = rounds * tasksPerRound + 1;
			expect(await linesOf(store, 'task')).toBe(answered);
			expect(await linesOf(store, 'attempt')).toBe(answered);
			await store.close();
			await afterTheLease.close();

			async function killedRound(round: number): Promise<number> {
				const log = join(folder, `${kind} ${round}`);
				const keys = Array.from({ length: tasksPerRound }, (_, index) => `round ${round} task ${index}`);
				await workUntilKilled(address, { keys, concurrency, log }, randomInt(1, tasksPerRound));

				const atTheKill = await Promise.all(keys.map(async (key) => await store.get(key)));
				const storedBefore = keys.filter((_, index) => atTheKill[index]?.state === 'answered');
				await workThrough(store, { keys, concurrency, log });
				await workThrough(afterTheLease, { keys, concurrency, log });

				const lines = (await readFile(log, 'utf8')).trim().split('\n');
				const count = (line: string) => lines.filter((one) => one === line).length;
				for (const key of keys) {
					expect(await store.get(key)).toMatchObject({ state: 'answered', payload: { output: `answer to ${key}` } });
					expect(count(`stored ${key}`)).toBeLessThanOrEqual(1);
					if (storedBefore.includes(key)) expect(count(`paid ${key}`)).toBe(1);
				}
				const payments = lines.filter((line) => line.startsWith('paid')).length;
				expect(payments).toBeLessThanOrEqual(tasksPerRound + concurrency);
				return atTheKill.filter((record) => record?.state === 'processing').length;
			}
		},
		patienceMs,
	);
});

async function workUntilKilled(
	address: StoreAddress,
	work: Parameters<typeof workThrough>[1],
	payments: number,
): Promise<void> {
	const child = startChild('worker.ts', address, work);
	let paid = 0;
	child.on('message', () => {
		if (++paid === payments) child.kill('SIGKILL');
	});
	const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
	if (signal !== 'SIGKILL' && code !== 0)
		throw new Error(`The worker ended with ${code ?? signal} before it was killed`);
}
