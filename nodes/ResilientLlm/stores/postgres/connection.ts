import { setTimeout as sleep } from 'node:timers/promises';

import type { Pool, PoolClient, PoolConfig, QueryConfig } from 'pg';

import { TaskStoreError } from '../../engine/store/task-store';
import { errorCode, errorText } from '../connection-trouble';
import { retryConflicts, type RetryPorts } from './conflict-retry';
import { effectOfStatement, postgresStoreError } from './errors';
import type { SqlValues } from '../sql/database';
import { defaultTimeoutMs } from '../store-timeout';
import type { RawRow } from '../sql/task-row';
import { tlsOptions, type TlsSettings } from '../tls';

export interface PostgresSettings {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	readonly database: string;
	/** Created on first use if it does not exist. Empty: `public`. */
	readonly schema?: string;
	/** Undefined: no TLS. */
	readonly tls?: TlsSettings;
	/** Time limit for connecting and for each statement, in ms. Default `defaultTimeoutMs`. */
	readonly timeoutMs?: number;
	/**
	 * The most connections of this process. Default 10, because an n8n worker runs 10 executions at a time by default.
	 */
	readonly maxConnections?: number;
	/** For tests: added to the server's clock, in ms. */
	readonly clockShiftMs?: () => number;
	/** For tests: random numbers and pauses between retries. */
	readonly retry?: RetryPorts;
}

/**
 * Takes an advisory lock, held until the end of the transaction, so that only one process at a time creates tables or a
 * schema: PostgreSQL's `IF NOT EXISTS` may fail when two sessions run it at once.
 */
export const lockForMaking = "SELECT pg_advisory_xact_lock(hashtext('n8n-nodes-resilient-llm'))";

/**
 * A pool of connections to one database, shared by the stores of this package. Opened on first use; broken connections
 * are replaced.
 */
export interface PostgresConnection {
	/** Server and database, for error messages. */
	readonly where: string;
	/** Name of the schema, quoted for use in SQL. */
	readonly schema: string;
	/** An SQL expression for the current time by the server's clock, in epoch milliseconds. */
	readonly clock: string;
	/** Runs one statement with named parameters (`:key`). Rejects with a `TaskStoreError`. */
	run(statement: string, values: SqlValues): Promise<readonly RawRow[]>;
	/** Like `run`, with each row as an array in the order of the columns. */
	runForArrays(statement: string, values: SqlValues): Promise<readonly (readonly unknown[])[]>;
	/** Runs several statements without parameters in one transaction. */
	runAll(statements: readonly string[]): Promise<void>;
	/** Runs `work` in one transaction; what it throws rolls the transaction back. */
	transaction(work: (run: PostgresConnection['run']) => Promise<void>): Promise<void>;
	close(): Promise<void>;
}

export function connectPostgres(settings: PostgresSettings): PostgresConnection {
	const where = `PostgreSQL at ${settings.host}:${settings.port}, database ${settings.database},`;
	const shift = settings.clockShiftMs ?? (() => 0);
	const retry = settings.retry ?? { random: Math.random, pause: async (ms: number) => await sleep(ms) };
	let opening: Promise<Pool> | undefined;
	let closed = false;
	/**
	 * Whether connections ask the server for a statement timeout. Poolers such as PgBouncer refuse such connections; then
	 * it becomes false for good.
	 */
	let serverEndsStatements = true;

	return {
		where,
		schema: quotedSchema(settings.schema || 'public'),
		clock: '(CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT) + CAST(:clock_shift AS BIGINT))',
		run: async (statement, values) =>
			await onClient(async (client) => await rowsOf(client, queryOf(statement, values))),
		runForArrays: async (statement, values) =>
			await onClient(async (client) => {
				const { rows } = await client.query<unknown[]>({ ...queryOf(statement, values), rowMode: 'array' });
				return rows;
			}),
		async runAll(statements) {
			await onClient(async (client) => await rowsOf(client, { text: statements.join(';\n') }));
		},
		async transaction(work) {
			await onClient(async (client) => {
				await client.query('BEGIN');
				await work(async (statement, values) => await rowsOf(client, queryOf(statement, values)));
				await client.query('COMMIT');
			});
		},
		async close() {
			closed = true;
			await endPool();
		},
	};

	function queryOf(statement: string, values: SqlValues): QueryConfig {
		const { text, names } = positional(statement);
		const all: SqlValues = { ...values, clock_shift: shift() };
		return { text, values: names.map((name) => all[name] ?? null) };
	}

	async function onClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
		return await retryConflicts(async () => {
			const client = await connectedClient();
			// When the connection breaks, the statement rejects as well, so the event needs no handling; but without a
			// listener it would end the process.
			client.on('error', ignore);
			// After an error the connection is closed, which rolls its transaction back; only a connection whose work
			// succeeded goes back to the pool.
			let broken = true;
			try {
				const result = await work(client);
				broken = false;
				return result;
			} finally {
				client.off('error', ignore);
				client.release(broken);
			}
		}, retry).catch((error: unknown) => {
			throw postgresStoreError(error, where, effectOfStatement(error));
		});
	}

	async function connectedClient(): Promise<PoolClient> {
		if (closed) throw new TaskStoreError(`${where} is closed.`);
		return await connectOnce()
			.catch(async (error: unknown) => {
				if (!serverEndsStatements || !refusesStatementTimeout(error)) throw error;
				serverEndsStatements = false;
				await endPool();
				return await connectOnce();
			})
			.catch((error: unknown) => {
				throw postgresStoreError(error, where, 'nothing');
			});
	}

	async function endPool(): Promise<void> {
		const current = opening;
		opening = undefined;
		await (await current)?.end();
	}

	async function connectOnce(): Promise<PoolClient> {
		const pool = await (opening ??= openPool(poolConfig(settings, serverEndsStatements)));
		return await pool.connect();
	}
}

async function rowsOf(client: PoolClient, query: QueryConfig): Promise<readonly RawRow[]> {
	const { rows } = await client.query<RawRow>(query);
	return rows;
}

async function openPool(config: PoolConfig): Promise<Pool> {
	const { Pool } = await import('pg');
	const pool = new Pool(config);
	// A broken idle connection is replaced on the next use, so the event needs no handling; but without a listener it
	// would end the process.
	pool.on('error', ignore);
	return pool;
}

const ignore = () => undefined;

function poolConfig(settings: PostgresSettings, serverEndsStatements: boolean): PoolConfig {
	const timeoutMs = settings.timeoutMs ?? defaultTimeoutMs;
	const { host, port, user, database, password } = settings;
	return {
		host,
		port,
		user,
		database,
		// A function, because node-postgres replaces an empty string by PGPASSWORD or the .pgpass file of the machine.
		password: () => password,
		ssl: settings.tls === undefined ? false : tlsOptions(settings.tls),
		sslnegotiation: 'postgres',
		application_name: 'n8n-nodes-resilient-llm',
		max: settings.maxConnections ?? 10,
		connectionTimeoutMillis: timeoutMs,
		query_timeout: timeoutMs,
		// The server cancels a statement before the client stops waiting for it, so that nothing is written after the
		// caller has given up.
		...(serverEndsStatements && { statement_timeout: Math.ceil(timeoutMs * 0.9) }),
		keepAlive: true,
		allowExitOnIdle: true,
	};
}

function refusesStatementTimeout(error: unknown): boolean {
	return errorCode(error) === '08P01' && /startup parameter/i.test(errorText(error));
}

/** Longest name in bytes. PostgreSQL silently cuts longer names, and could then find the table of another schema. */
const longestName = 63;

function quotedSchema(name: string): string {
	const allowed = Buffer.byteLength(name) <= longestName && !name.includes('\0');
	if (!allowed)
		throw new TaskStoreError(
			`"${name.slice(0, 80)}" cannot be a PostgreSQL schema: it takes at most ${longestName} bytes. Change the schema in the credential.`,
		);
	return `"${name.replaceAll('"', '""')}"`;
}

const positionalTexts = new Map<string, { text: string; names: readonly string[] }>();

/**
 * Replaces named parameters (`:key`) by PostgreSQL's numbered ones (`$1`), and returns their names in that order.
 * Results are cached by statement.
 */
function positional(statement: string): { text: string; names: readonly string[] } {
	const known = positionalTexts.get(statement);
	if (known !== undefined) return known;
	const names: string[] = [];
	const text = statement.replace(/:([a-z_]+)/g, (_, name: string) => {
		if (!names.includes(name)) names.push(name);
		return `$${names.indexOf(name) + 1}`;
	});
	positionalTexts.set(statement, { text, names });
	return { text, names };
}
