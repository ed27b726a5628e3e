import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { connectPostgres, type PostgresConnection } from '../../nodes/ResilientLlm/stores/postgres/connection';
import { postgresSuperuser, startPostgres, type TestServer } from './servers';

let server: TestServer;
let connection: PostgresConnection;
let other: PostgresConnection;

beforeAll(async () => {
	server = await startPostgres();
});

afterAll(async () => {
	await server.stop();
});

beforeEach(async () => {
	const open = () => connectPostgres({ ...postgresSuperuser, host: '127.0.0.1', port: server.port, maxConnections: 1 });
	connection = open();
	other = open();
	await connection.runAll(['DROP TABLE IF EXISTS numbers', 'CREATE TABLE numbers (number INTEGER)']);
});

afterEach(async () => {
	await Promise.all([connection.close(), other.close()]);
});

const numbers = async () => (await other.run('SELECT number FROM numbers', {})).map(({ number }) => number);

it('uses no connection again whose transaction was left open', async () => {
	const failed = connection.transaction(async (run) => {
		await run('INSERT INTO numbers VALUES (1)', {});
		throw new Error('The work failed');
	});
	await expect(failed).rejects.toThrow('The work failed');
	await connection.run('INSERT INTO numbers VALUES (2)', {});
	expect(await numbers()).toEqual([2]);
});

it('uses the same connection again after a transaction that was committed', async () => {
	const backend = async () => (await connection.run('SELECT pg_backend_pid() AS pid', {}))[0]?.pid;
	const before = await backend();
	await connection.transaction(async (run) => void (await run('INSERT INTO numbers VALUES (1)', {})));
	expect([await backend(), await numbers()]).toEqual([before, [1]]);
});

it('does the whole transaction again that was undone because of another', async () => {
	let tries = 0;
	await connection.transaction(async (run) => {
		tries += 1;
		await run('INSERT INTO numbers VALUES (1)', {});
		if (tries < 3) await run("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$", {});
	});
	expect([tries, await numbers()]).toEqual([3, [1]]);
});

it('tells what a statement that failed may have done', async () => {
	const effectOf = async (statement: string) => await connection.run(statement, {}).catch((error: unknown) => error);
	expect(await effectOf('INSERT INTO numbers VALUES (1 / 0)')).toMatchObject({ effect: 'nothing' });
	expect(await effectOf('SELECT pg_terminate_backend(pg_backend_pid())')).toMatchObject({ effect: 'unknown' });
	expect(await effectOf('INSERT INTO numbers VALUES (1)')).toEqual([]);
});
