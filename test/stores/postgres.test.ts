import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { createPostgresTaskStore, type PostgresStoreSettings } from '../../nodes/ResilientLlm/stores/postgres/postgres';
import { lockForMaking } from '../../nodes/ResilientLlm/stores/postgres/connection';
import { branchesOf } from '../../nodes/ResilientLlm/stores/record-page';
import { listStatement, sqlStatements } from '../../nodes/ResilientLlm/stores/sql/statements';
import { certificatesCanBeMade, createCertificate } from './certificate';
import { taskStoreContract } from './contract';
import { deliveryContract } from './delivery-contract';
import { DrivenTime } from './driven-time';
import { expectToWork, failureOf, reasonOf } from './failure';
import { ledgerContract } from './ledger-contract';
import { sameAsMemory } from './model';
import { claimed, day } from './samples';
import { freePort, postgresSuperuser, startPostgres, type TestServer } from './servers';

let server: TestServer;

beforeAll(async () => {
	server = await startPostgres();
});

afterAll(async () => {
	await server.stop();
});

const createStore = (settings: Partial<PostgresStoreSettings> = {}) =>
	createPostgresTaskStore({
		...postgresSuperuser,
		host: '127.0.0.1',
		port: server.port,
		schema: `Store ${randomUUID()}`,
		...settings,
	});

const world = async (time: DrivenTime) => {
	const schema = `Contract "${randomUUID()}"`;
	return { open: () => createStore({ schema, clockShiftMs: time.shift }), clockToleranceMs: 2000 };
};

taskStoreContract('postgres', world);

ledgerContract('postgres', world);

deliveryContract('postgres', world);

sameAsMemory('postgres', async (time) => createStore({ clockShiftMs: time.shift }));

describe('the PostgreSQL store', () => {
	let admin: Pool;
	let opened: TaskStore[];
	let schema: string;

	const open = (settings: Partial<PostgresStoreSettings> = {}) => {
		const another = createStore({ schema, ...settings });
		opened.push(another);
		return another;
	};

	beforeAll(() => {
		admin = new Pool({ ...postgresSuperuser, host: '127.0.0.1', port: server.port });
		// The server stops before the last connection has said goodbye.
		admin.on('error', () => undefined);
	});

	afterAll(async () => {
		await admin.end();
	});

	beforeEach(() => {
		opened = [];
		schema = `s_${randomUUID().replaceAll('-', '')}`;
	});

	afterEach(async () => {
		await Promise.all(opened.map(async (one) => await one.close()));
	});

	const where = () => `PostgreSQL at 127.0.0.1:${server.port}, database postgres,`;

	it('makes its tables once, though many clients begin at the same time', async () => {
		await Promise.all(Array.from({ length: 12 }, async (_, index) => await expectToWork(open(), `k${index}`)));
		const { rows } = await admin.query('SELECT count(*) AS records FROM ' + `${schema}.resilient_llm_tasks`);
		expect(rows).toEqual([{ records: '12' }]);
	});

	it('lives in the schema "public" unless told otherwise', async () => {
		await expectToWork(open({ schema: '' }), randomUUID());
		expect((await admin.query(`SELECT to_regclass('public.resilient_llm_tasks') IS NOT NULL AS there`)).rows).toEqual([
			{ there: true },
		]);
		await admin.query('DROP TABLE public.resilient_llm_tasks');
	});

	it('takes any name for its schema that PostgreSQL takes', async () => {
		await expectToWork(open({ schema: `Robert"; DROP TABLE students; -- ${randomUUID().slice(0, 8)}` }));
		expect(() => createStore({ schema: 'x'.repeat(64) })).toThrow('cannot be a PostgreSQL schema');
	});

	it('makes the tables anew when somebody has dropped them', async () => {
		const store = open();
		await expectToWork(store);
		await admin.query(`DROP TABLE ${schema}.resilient_llm_tasks`);
		expect(await reasonOf(() => store.get('a'))).toMatch(
			`${where()} has lost a table of the store. The next call makes it anew.`,
		);
		await expectToWork(store);
		await admin.query(`DROP TABLE ${schema}.resilient_llm_review_links`);
		expect(await reasonOf(() => store.addReviewLink('a', 'token'))).toMatch('has lost a table of the store.');
		expect(await store.addReviewLink('a', 'token')).toBe(false);
	});

	it('leaves nothing half made when the server ends its connection meanwhile', async () => {
		const other = await admin.connect();
		await other.query(`BEGIN; ${lockForMaking}`);
		const failed = reasonOf(() => open().get('a'));
		const waiting = `FROM pg_stat_activity WHERE wait_event = 'advisory' AND application_name = 'n8n-nodes-resilient-llm'`;
		while (
			(await admin.query<{ waiting: number }>(`SELECT count(*)::int AS waiting ${waiting}`)).rows[0]?.waiting !== 1
		);
		await admin.query(`SELECT pg_terminate_backend(pid) ${waiting}`);
		expect(await failed).toMatch(`${where()} is shutting down. The next call connects again.`);
		await other.query('COMMIT');
		other.release();
		await expectToWork(open());
	});

	it('refuses a table of a newer version of the package, and one that is something else', async () => {
		await expectToWork(open());
		await admin.query(`COMMENT ON TABLE ${schema}.resilient_llm_tasks IS 'Tasks of n8n-nodes-resilient-llm, schema 7'`);
		expect(await failureOf(open())).toBe(
			`${where()} holds a table "${schema}".resilient_llm_tasks of a newer version of n8n-nodes-resilient-llm (schema 7, this one knows 3). Update the package, or choose another schema in the credential.`,
		);
		await admin.query(`COMMENT ON TABLE ${schema}.resilient_llm_tasks IS NULL`);
		expect(await failureOf(open())).toMatch(
			'that is not a task store. Rename it, or choose another schema in the credential.',
		);
	});

	it('names the address nobody listens on, and the host nobody knows', async () => {
		const port = await freePort();
		expect(await failureOf(open({ port }))).toMatch(
			`PostgreSQL at 127.0.0.1:${port}, database postgres, refuses the connection. Check host, port and SSL in the credential`,
		);
		expect(await failureOf(open({ host: 'no-such-host.invalid' }))).toMatch(
			/has a host name that (nobody knows|cannot be looked up)/,
		);
	});

	it('says that the password is wrong or missing, and that there is no such user or database', async () => {
		expect(await failureOf(open({ password: 'wr0ng' }))).toMatch(
			`${where()} refuses the password. Check user and password in the credential.`,
		);
		expect(await failureOf(open({ password: '' }))).toMatch(/refuses the password|asks for a password/);
		expect(await failureOf(open({ user: 'nobody', password: 'wr0ng' }))).toMatch('refuses the password');
		expect(await failureOf(open({ database: 'nowhere' }))).toMatch(
			'has no such database. Check the database in the credential, or create it.',
		);
	});

	it('says which right is missing, and needs none to create once the table is there', async () => {
		const role = `role_${schema}`;
		await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 's3cret'; CREATE SCHEMA ${schema}`);
		const user = { user: role, password: 's3cret' };
		const advice =
			'denies a right. Grant the role of the credential the rights to use and create in the schema, or let an administrator run one workflow once.';
		expect(await failureOf(open(user))).toMatch(advice);
		expect(await failureOf(open({ ...user, schema: `${schema}_new` }))).toMatch(advice);
		await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
		expect(await failureOf(open(user))).toMatch(advice);

		await expectToWork(open());
		expect(await failureOf(open(user))).toMatch(advice);
		await admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
		await expectToWork(open(user), 'by the role');
	});

	it('says that the server is a standby', async () => {
		const role = `role_${schema}`;
		await admin.query(
			`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 's3cret'; ALTER ROLE ${role} SET default_transaction_read_only = on`,
		);
		await expectToWork(open());
		expect(await reasonOf(() => claimed(open({ user: role, password: 's3cret' }), 'a'))).toMatch(
			`${where()} takes no writes: it is a standby. Give the primary server in the credential.`,
		);
	});

	it('says that the server has no connection left', async () => {
		const role = `role_${schema}`;
		await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 's3cret' CONNECTION LIMIT 0`);
		expect(await failureOf(open({ user: role, password: 's3cret' }))).toMatch(
			`${where()} has no connection left. Raise max_connections`,
		);
	});

	it('does not wait for a lock for ever, and writes nothing once its caller has gone', async () => {
		const store = open({ timeoutMs: 1_000 });
		await expectToWork(store);
		const other = await admin.connect();
		await other.query(`BEGIN; LOCK TABLE ${schema}.resilient_llm_tasks`);
		expect(await reasonOf(() => claimed(store, 'a'))).toMatch(
			`${where()} took too long. Look for locks and load on the server`,
		);
		await other.query('COMMIT');
		other.release();
		expect(await store.get('a')).toBeUndefined();
		await expectToWork(store, 'b');
	});

	it('spares a record that is claimed while it is about to be forgotten', async () => {
		const time = new DrivenTime();
		const store = open({ clockShiftMs: time.shift });
		await claimed(store, 'a', 'long ago');
		time.advance(40 * day);
		const other = await admin.connect();
		// As a claim does, though one that takes its time.
		await other.query(
			`BEGIN; UPDATE ${schema}.resilient_llm_tasks SET owner = 'new', holds_until = holds_until + ${80 * day}, prune_at = prune_at + ${80 * day}`,
		);
		const pruned = store.prune();
		const waiting = `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`;
		while ((await admin.query<{ waiting: number }>(waiting)).rows[0]?.waiting !== 1);
		await other.query('COMMIT');
		other.release();
		expect(await pruned).toBe(0);
		expect(await store.get('a')).toMatchObject({ state: 'processing' });
	});

	it('survives it when the server ends its idle connections', async () => {
		const store = open();
		await Promise.all([expectToWork(store, 'a'), expectToWork(store, 'b'), expectToWork(store, 'c')]);
		await admin.query(
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'n8n-nodes-resilient-llm'`,
		);
		const left = `SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name = 'n8n-nodes-resilient-llm'`;
		while ((await admin.query<{ connections: number }>(left)).rows[0]?.connections !== 0);
		// A connection may be taken in the moment before this process hears that it has ended.
		await vi.waitFor(async () => await expectToWork(store, 'd'));
	});

	it('works through a pooler that refuses a statement timeout', async () => {
		const pooler = await startPickyPooler(server.port);
		const store = open({ port: pooler.port });
		await Promise.all([expectToWork(store, 'a'), expectToWork(store, 'b')]);
		expect(pooler.refused()).toBeGreaterThan(0);
		await store.close();
		await pooler.stop();
	});

	it.skipIf(!certificatesCanBeMade)('speaks TLS, and says whose certificate it does not trust', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'postgres-tls-'));
		const { certFile, keyFile, pem } = await createCertificate(folder, 'postgres.test');
		await giveToPostgres(folder, certFile, keyFile);
		const guarded = await startPostgres(
			'-c',
			'ssl=on',
			'-c',
			`ssl_cert_file=${certFile}`,
			'-c',
			`ssl_key_file=${keyFile}`,
		);
		const { port } = guarded;
		await expectToWork(open({ port, tls: { ca: pem, serverName: 'postgres.test' } }));
		await expectToWork(open({ port, tls: { verify: false } }), 'unverified');
		expect(await failureOf(open({ port, tls: {} }))).toMatch(
			'shows a certificate that it signed itself. Make its authority known to n8n',
		);
		expect(await failureOf(open({ port, tls: { ca: pem, serverName: 'other.test' } }))).toMatch(
			'shows a certificate for another host name',
		);
		expect(await failureOf(open({ tls: {} }))).toMatch(
			`${where()} does not use TLS. Switch SSL off in the credential, or on at the server.`,
		);
		await Promise.all(opened.map(async (one) => await one.close()));
		await guarded.stop();
		await rm(folder, { recursive: true });
	});

	it('takes nothing from the environment', async () => {
		const names = ['PGPASSWORD', 'PGUSER', 'PGHOST', 'PGDATABASE', 'PGSSLMODE', 'PGAPPNAME'];
		const before = names.map((name) => [name, process.env[name]] as const);
		for (const name of names) process.env[name] = 'require';
		process.env.PGPASSWORD = postgresSuperuser.password;
		const work = Promise.all([expectToWork(open()), failureOf(open({ password: '' }))]);
		const [, failure] = await work.finally(() => {
			for (const [name, value] of before) {
				if (value === undefined) delete process.env[name];
				else process.env[name] = value;
			}
		});
		expect(failure).toMatch(/refuses the password|asks for a password/);
	});

	it('walks an index for every list and every pruning', async () => {
		const store = open();
		await store.get('a');
		const table = `${schema}.resilient_llm_tasks`;
		await admin.query(`INSERT INTO ${table} (key, state, fingerprint, task_hash, workflow_id, started_at, happened_at, holds_until, prune_at, identity)
			SELECT 'k' || n, (ARRAY['answered', 'pending_human_review', 'processing', 'resolved', 'expired'])[n % 5 + 1], '', '', 'wf', n, n, n, n + 1000000, '{}' FROM generate_series(1, 20000) AS n; ANALYZE ${table}`);
		const ledgerTable = `${schema}.resilient_llm_ledger`;
		await admin.query(
			`INSERT INTO ${ledgerTable} SELECT n % 50, 1, 0, n / 1000, n / 16, n % 100, 1, 1, 0 FROM generate_series(1, 100000) AS n; ANALYZE ${ledgerTable}`,
		);
		const others = {
			linkTable: `${schema}.resilient_llm_review_links`,
			facetTable: `${schema}.resilient_llm_ledger_facets`,
			deliveryTable: `${schema}.resilient_llm_deliveries`,
		};
		const names = { table, ledgerTable, ...others, clock: '1', ledgerRows: '', ledgerShape: 'appended' } as const;
		const planOf = async (statement: string) => {
			const numbers: Record<string, string> = {
				since: '0',
				below_at: String(Number.MAX_SAFE_INTEGER),
				limit: '101',
				batch: '500',
				retention: '1000000',
				first_hour: '50',
				last_hour: '51',
				from_minute: '3000',
				to_minute: '3060',
				hour: '50',
			};
			const text = statement.replace(/:(\w+)/g, (_, name: string) => numbers[name] ?? `'x'`);
			return (await admin.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`)).rows
				.map((row) => row['QUERY PLAN'])
				.join('\n');
		};
		for (const states of [[], ['answered'], ['pending_human_review', 'expired']] as const) {
			const plan = await planOf(
				listStatement(names, branchesOf(states), {
					byWorkflow: false,
					byDueDate: false,
					undelivered: false,
					payloads: true,
				}),
			);
			expect(plan.match(/Index Scan Backward using resilient_llm_tasks_by_state/g)).toHaveLength(
				branchesOf(states).length,
			);
			// What is undelivered fits on a few pages, which PostgreSQL reads at once.
			expect(plan).not.toMatch(/Seq Scan on (?!resilient_llm_deliveries)|Bitmap/);
		}
		const statements = sqlStatements(names);
		for (const statement of [
			statements.expire,
			statements.forget,
			statements.newestReviewOfTask,
			statements.reviewByToken,
			statements.tally,
			statements.oldestHour,
			statements.forgetHour,
		])
			expect(await planOf(statement)).not.toMatch(/Seq Scan/);
	});
});

/** As PgBouncer does, it knows only some startup parameters. */
async function startPickyPooler(serverPort: number) {
	let refused = 0;
	const pooler = createServer((client) => {
		client.on('error', () => undefined);
		client.once('data', (startup) => {
			if (startup.includes('statement_timeout')) {
				refused++;
				const fields = Buffer.from('SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0');
				const head = Buffer.from('E\0\0\0\0');
				head.writeInt32BE(fields.length + 4, 1);
				client.end(Buffer.concat([head, fields]));
				return;
			}
			const upstream = connect(serverPort, '127.0.0.1');
			upstream.on('error', () => undefined);
			upstream.write(startup);
			client.pipe(upstream).pipe(client);
		});
	}).listen(0, '127.0.0.1');
	await once(pooler, 'listening');
	const address = pooler.address();
	if (address === null || typeof address === 'string') throw new Error('No port');
	return {
		port: address.port,
		refused: () => refused,
		async stop() {
			pooler.close();
			await once(pooler, 'close');
		},
	};
}

/** PostgreSQL reads its key only when it owns it, and does not run as root. */
async function giveToPostgres(...paths: readonly string[]): Promise<void> {
	if (process.getuid?.() !== 0) return;
	const { execFileSync } = await import('node:child_process');
	const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
	for (const path of paths) await chown(path, uid, uid);
}
