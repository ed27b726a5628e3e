import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { restoreEmbedded, restorePostgres } from './fixtures/0.1.0/restore';
import { linesOf, taskLine } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { openStore, type StoreAddress } from './processes/store-address';
import { startRealStores, type RealStores } from './real-stores';
import { answer, claimed, day, decision, escalation } from './samples';
import { schemaVersion1 } from './schema-version-1';

const processes = 5;

let stores: RealStores;

beforeAll(async () => {
	stores = await startRealStores();
});

afterAll(async () => {
	await stores.stop();
});

type Version = 1 | 2;

/**
 * Make a store of an old version, and read the version of a store. 2 is the one that version 0.1.0 of the package made.
 */
const kinds = {
	embedded: {
		async makeOld({ file }: Extract<StoreAddress, { kind: 'embedded' }>, version: Version) {
			if (version === 2) return restoreEmbedded(file);
			await mkdir(dirname(file), { recursive: true });
			const database = new DatabaseSync(file);
			database.exec('PRAGMA journal_mode = WAL');
			for (const statement of schemaVersion1({ table: 'tasks', linkTable: 'review_links', keyCollation: '' }))
				database.exec(statement);
			database.exec('PRAGMA user_version = 1');
			database.close();
		},
		async versionOf({ file }: Extract<StoreAddress, { kind: 'embedded' }>) {
			const database = new DatabaseSync(file);
			const version = database.prepare('PRAGMA user_version').get()?.user_version;
			database.close();
			return `schema ${Number(version)}`;
		},
	},
	postgres: {
		async makeOld(address: Extract<StoreAddress, { kind: 'postgres' }>, version: Version) {
			const { schema: name = '', kind: _, ...server } = address;
			if (version === 2) return await restorePostgres(server, name);
			const schema = `"${name}"`;
			const table = `${schema}.resilient_llm_tasks`;
			await asAdmin(address, [
				`CREATE SCHEMA ${schema}`,
				...schemaVersion1({ table, linkTable: `${schema}.resilient_llm_review_links`, keyCollation: 'COLLATE "C"' }),
				`COMMENT ON TABLE ${table} IS 'Tasks of n8n-nodes-resilient-llm, schema 1'`,
			]);
		},
		async versionOf(address: Extract<StoreAddress, { kind: 'postgres' }>) {
			const [row] = await asAdmin(address, [
				`SELECT obj_description('"${address.schema}".resilient_llm_tasks'::regclass, 'pg_class') AS comment`,
			]);
			return row?.comment;
		},
	},
};

async function asAdmin(
	{ schema: _, kind: __, ...address }: Extract<StoreAddress, { kind: 'postgres' }>,
	statements: readonly string[],
) {
	const admin = new Pool(address);
	let rows: readonly { comment?: string }[] = [];
	for (const statement of statements) rows = (await admin.query<{ comment?: string }>(statement)).rows;
	await admin.end();
	return rows;
}

describe.each(['embedded', 'postgres'] as const)('%s', (kind) => {
	const { makeOld, versionOf } = kinds[kind] as {
		makeOld(address: StoreAddress, version: Version): Promise<void>;
		versionOf(address: StoreAddress): Promise<unknown>;
	};

	async function upgraded(version: Version): Promise<TaskStore> {
		const address = stores.fresh(kind);
		await makeOld(address, version);
		expect(await versionOf(address)).toMatch(new RegExp(`schema ${version}$`));

		// Each is ready when it has read the store.
		const racers = Array.from({ length: processes }, () => startChild('racer.ts', address, 1));
		expect(await Promise.all(racers.map(async (racer) => await messageFrom(racer)))).toEqual(racers.map(() => 'ready'));
		for (const racer of racers) racer.disconnect();
		expect(await versionOf(address)).toMatch(/schema 3$/);
		return openStore(address);
	}

	it.each([1, 2] as const)(
		`a store of version %i is upgraded by one of ${processes} processes that open it at the same time`,
		async (version) => {
			const store = await upgraded(version);
			const { records } = await store.list({ states: ['answered'], limit: 10 });
			expect(records.length).toBeGreaterThan(0);
			const tallied = await linesOf(store, 'task');
			await store.complete(await claimed(store, 'new'), answer('text', day, [taskLine()]));
			expect(await linesOf(store, 'task')).toBe(tallied + 1);

			await store.escalate(await claimed(store, 'review'), escalation());
			expect(await store.decide('review', decision(), { to: 'trigger', leaseMs: 0, keepMs: day })).toMatchObject({
				kind: 'decided',
			});
			expect(await store.handOver({ to: 'trigger', leaseMs: day, limit: 10 })).toMatchObject([{ key: 'review' }]);
			await store.close();
		},
	);

	it('a store of version 1, which had no ledger, keeps what it has', async () => {
		const store = await upgraded(1);
		expect(await store.get('old')).toMatchObject({
			state: 'answered',
			payload: { output: 'kept' },
			summary: { costUsd: 0.5, extraCostUsd: null },
		});
		expect(await store.tally({ from: 0, to: Number.MAX_SAFE_INTEGER })).toEqual([]);
		await store.close();
	});
});
