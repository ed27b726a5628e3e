import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/task-store';
import { taskLine } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { openStore, type StoreAddress } from './processes/store-address';
import { startRealStores, type RealStores } from './real-stores';
import { answer, claimed, day, decision, escalation } from './samples';
import { schemaVersion1 } from './schema-version-1';
import { schemaVersion2 } from './schema-version-2';

const processes = 5;

let stores: RealStores;

beforeAll(async () => {
	stores = await startRealStores();
});

afterAll(async () => {
	await stores.stop();
});

type Version = 1 | 2;

const statementsOf = { 1: schemaVersion1, 2: schemaVersion2 };

/** Make a store of an old version, and read the version of a store. */
const kinds = {
	embedded: {
		async makeOld({ file }: Extract<StoreAddress, { kind: 'embedded' }>, version: Version) {
			await mkdir(dirname(file), { recursive: true });
			const database = new DatabaseSync(file);
			database.exec('PRAGMA journal_mode = WAL');
			const names = { table: 'tasks', linkTable: 'review_links', ledgerTable: 'ledger', facetTable: 'ledger_facets' };
			for (const statement of statementsOf[version]({ ...names, keyCollation: '', ledgerShape: 'counted' })) database.exec(statement);
			database.exec(`PRAGMA user_version = ${version}`);
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
			const schema = `"${address.schema}"`;
			const table = `${schema}.resilient_llm_tasks`;
			const names = {
				table,
				linkTable: `${schema}.resilient_llm_review_links`,
				ledgerTable: `${schema}.resilient_llm_ledger`,
				facetTable: `${schema}.resilient_llm_ledger_facets`,
			};
			await asAdmin(address, [
				`CREATE SCHEMA ${schema}`,
				...statementsOf[version]({ ...names, keyCollation: 'COLLATE "C"', ledgerShape: 'appended' }),
				`COMMENT ON TABLE ${table} IS 'Tasks of n8n-nodes-resilient-llm, schema ${version}'`,
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

	it.each([1, 2] as const)(`a store of version %i is upgraded by one of ${processes} processes that open it at the same time, and keeps what it has`, async (version) => {
		const store = await upgraded(version);
		expect(await store.get('old')).toMatchObject({ state: 'answered', payload: { output: 'kept' }, summary: { costUsd: 0.5, extraCostUsd: null } });
		const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };
		expect(await store.tally(everything)).toEqual([]);
		await store.complete(await claimed(store, 'new'), answer('text', day, [taskLine()]));
		expect(await store.tally(everything)).toMatchObject([{ facets: taskLine().facets, lines: 1 }]);

		await store.escalate(await claimed(store, 'review'), escalation());
		expect(await store.decide('review', decision(), { to: 'trigger', leaseMs: 0, keepMs: day })).toMatchObject({ kind: 'decided' });
		expect(await store.handOver({ to: 'trigger', leaseMs: day, limit: 10 })).toMatchObject([{ key: 'review' }]);
		await store.close();
	});

	it('what was decided before there were deliveries counts as delivered', async () => {
		const store = await upgraded(2);
		expect(await store.get('decided')).toMatchObject({ decision: { output: 'kept', decisionId: 'of the old review', delivered: true } });
		expect((await store.list({ states: ['resolved'], undelivered: true, limit: 10 })).records).toEqual([]);
		await store.close();
	});
});
