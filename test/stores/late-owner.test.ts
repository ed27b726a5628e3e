import { DatabaseSync } from 'node:sqlite';

import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { runOnce, type OnceResult } from '../../nodes/ResilientLlm/engine/once/once';
import { createOwedWrites } from '../../nodes/ResilientLlm/engine/store/owed-writes';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { systemClock } from '../../nodes/ResilientLlm/host/clock';
import { answered, escalated, world } from '../engine/once/once-world';
import { linesOf } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { openStore, type StoreAddress } from './processes/store-address';
import { realStoreKinds, startRealStores, type RealStores } from './real-stores';
import { answer } from './samples';

let stores: RealStores;

beforeAll(async () => {
	stores = await startRealStores();
});

afterAll(async () => {
	await stores.stop();
});

/** As somebody with all rights, or a server that is short of memory. */
async function empty(address: StoreAddress): Promise<void> {
	switch (address.kind) {
		case 'embedded': {
			const database = new DatabaseSync(address.file);
			database.exec('DELETE FROM tasks');
			return database.close();
		}
		case 'redis': {
			const client = new Redis(address.port, '127.0.0.1');
			await client.flushall();
			return client.disconnect();
		}
		case 'postgres': {
			const pool = new Pool({ ...address });
			await pool.query(`DELETE FROM "${address.schema}".resilient_llm_tasks`);
			return await pool.end();
		}
	}
}

describe.each(realStoreKinds)('%s', (kind) => {
	let address: StoreAddress;
	let store: TaskStore;

	beforeEach(async () => {
		address = stores.fresh(kind);
		store = openStore(address);
		await store.get('warm up');
	});

	afterEach(async () => {
		await store.close();
	});

	describe('a process that is stopped while it works on a task', () => {
		const leaseMs = 700;

		async function stoppedUntilItsLeaseIsOver(meanwhile: () => Promise<unknown>): Promise<unknown> {
			const child = startChild('owner.ts', address, leaseMs);
			expect(await messageFrom(child)).toBe('claimed');
			child.kill('SIGSTOP');
			const record = await store.get('k');
			const until = record?.state === 'processing' ? record.until : 0;
			await vi.waitUntil(() => Date.now() > until + 100, { timeout: 10_000 });
			await meanwhile();
			child.kill('SIGCONT');
			child.send('go on');
			return await messageFrom(child);
		}

		it('stores its answer when it goes on and nobody has taken its place', async () => {
			expect(await stoppedUntilItsLeaseIsOver(async () => undefined)).toEqual({ kind: 'stored', anew: false });
			expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'paid for' });
			expect(await linesOf(store, 'task')).toBe(1);
		});

		it('finds out that another run works on it by now, and leaves that alone', async () => {
			const { identity } = world().task(answered('theirs'));
			const claim = await stoppedUntilItsLeaseIsOver(
				async () => await store.claim({ identity, owner: 'heir', leaseMs: 60_000 }),
			);
			expect(claim).toMatchObject({ kind: 'takenOver', by: { kind: 'inProgress' } });
			expect(await store.get('k')).toMatchObject({ state: 'processing' });
			await store.complete({ key: 'k', owner: 'heir', until: 0 }, answer('theirs'));
			expect(await store.get('k')).toMatchObject({ payload: 'theirs' });
		});
	});

	describe('a store that is emptied while a task runs', () => {
		async function runThrough(outcome: typeof escalated): Promise<OnceResult> {
			const task = world().task(outcome);
			const run = async () => {
				await empty(address);
				return outcome;
			};
			const owed = createOwedWrites(systemClock);
			const ports = { store, owed, clock: systemClock, newOwner: () => 'me' };
			return await runOnce({ ...task, run, deadline: systemClock.now() + 5000 }, ports);
		}

		it.each([
			['answer', answered('paid for'), 'answered'],
			['review', escalated, 'pending_human_review'],
		] as const)('gets the %s all the same, and the item says what happened', async (_, outcome, state) => {
			expect(await runThrough(outcome)).toMatchObject({
				kind: 'ran',
				isStored: true,
				warnings: [
					expect.stringMatching('had lost its record of this task while it ran .* the result was stored anew'),
				],
			});
			expect(await store.get('k')).toMatchObject({ state });
			expect(await linesOf(store, 'task')).toBe(1);
		});
	});
});
