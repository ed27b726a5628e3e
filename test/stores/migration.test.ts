import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { taskLine } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { openStore, type StoreAddress } from './processes/store-address';
import { startRealStores, type RealStores } from './real-stores';
import { answer, claimed, day } from './samples';
import { schemaVersion1 } from './schema-version-1';

const processes = 5;

let stores: RealStores;

beforeAll(async () => {
	stores = await startRealStores();
});

afterAll(async () => {
	await stores.stop();
});

/** Make a store of version 1, and read the version of a store. */
const kinds = {
	embedded: {
		async makeOld({ file }: Extract<StoreAddress, { kind: 'embedded' }>) {
			await mkdir(dirname(file), { recursive: true });
			const database = new DatabaseSync(file);
			database.exec('PRAGMA journal_mode = WAL');
			for (const statement of schemaVersion1({ table: 'tasks', linkTable: 'review_links', keyCollation: '' })) database.exec(statement);
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
		async makeOld(address: Extract<StoreAddress, { kind: 'postgres' }>) {
			const schema = `"${address.schema}"`;
			const table = `${schema}.resilient_llm_tasks`;
			await asAdmin(address, [
				`CREATE SCHEMA ${schema}`,
				...schemaVersion1({ table, linkTable: `${schema}.resilient_llm_review_links`, keyCollation: 'COLLATE "C"' }),
				`COMMENT ON TABLE ${table} IS 'Tasks of n8n-nodes-resilient-llm, schema 1'`,
			]);
		},
		async versionOf(address: Extract<StoreAddress, { kind: 'postgres' }>) {
			const [row] = await asAdmin(address, [`SELECT obj_description('"${address.schema}".resilient_llm_tasks'::regclass, 'pg_class') AS comment`]);
			return row?.comment;
		},
	},
};

async function asAdmin({ schema: _, kind: __, ...address }: Extract<StoreAddress, { kind: 'postgres' }>, statements: readonly string[]) {
	const admin = new Pool(address);
	let rows: readonly { comment?: string }[] = [];
	for (const statement of statements) rows = (await admin.query<{ comment?: string }>(statement)).rows;
	await admin.end();
	return rows;
}

describe.each(['embedded', 'postgres'] as const)('%s: a store of the first version', (kind) => {
	it(`gets its ledger from one of ${processes} processes that open it at the same time, and keeps what it has`, async () => {
		const address = stores.fresh(kind);
		const { makeOld, versionOf } = kinds[kind] as { makeOld(address: StoreAddress): Promise<void>; versionOf(address: StoreAddress): Promise<unknown> };
		await makeOld(address);
		expect(await versionOf(address)).toMatch(/schema 1$/);

		// Each is ready when it has read the store.
		const racers = Array.from({ length: processes }, () => startChild('racer.ts', address, 1));
		expect(await Promise.all(racers.map(async (racer) => await messageFrom(racer)))).toEqual(racers.map(() => 'ready'));
		for (const racer of racers) racer.disconnect();
		expect(await versionOf(address)).toMatch(/schema 2$/);

		const store = openStore(address);
		expect(await store.get('old')).toMatchObject({ state: 'answered', payload: { output: 'kept' }, summary: { costUsd: 0.5, extraCostUsd: null } });
		const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };
		expect(await store.tally(everything)).toEqual([]);
		await store.complete(await claimed(store, 'new'), answer('text', day, [taskLine()]));
		expect(await store.tally(everything)).toMatchObject([{ facets: taskLine().facets, lines: 1 }]);
		await store.close();
	});
});
