import { TaskStoreError, type TaskStore } from '../../engine/store/task-store';
import { connectPostgres, lockForMaking, type PostgresConnection, type PostgresSettings } from './connection';
import { defaultRecordRetentionMs } from '../record-retention';
import type { SqlDatabase, SqlDialect, SqlTables, SqlValues } from '../sql/database';
import { migrations, schemaVersion } from '../sql/schema';
import { createSqlTaskStore } from '../sql/task-store';
import type { RawRow } from '../sql/task-row';

export interface PostgresStoreSettings extends PostgresSettings {
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

/**
 * A task store in tables of a PostgreSQL database, for any number of machines. All instants come from the server's
 * clock.
 */
export function createPostgresTaskStore(settings: PostgresStoreSettings): TaskStore {
	return postgresTaskStoreOn(connectPostgres(settings), settings.recordRetentionMs);
}

/**
 * Like `createPostgresTaskStore`, on a connection that other stores use as well. Closing the store closes the
 * connection.
 */
export function postgresTaskStoreOn(
	connection: PostgresConnection,
	recordRetentionMs = defaultRecordRetentionMs,
): TaskStore {
	return createSqlTaskStore(withTables(connection), recordRetentionMs);
}

const tableName = 'resilient_llm_tasks';

const ledgerRows =
	'(SELECT * FROM json_to_recordset(CAST(:ledger AS json)) AS line(facet BIGINT, facets TEXT, latency_bucket INTEGER, cost BIGINT, extra_cost BIGINT))';

/** The database as the SQL task store needs it. Creates, updates or checks the tables before the first statement. */
function withTables(connection: PostgresConnection): SqlDatabase {
	const { schema, where, clock } = connection;
	const tables: SqlTables = {
		table: `${schema}.${tableName}`,
		linkTable: `${schema}.resilient_llm_review_links`,
		ledgerTable: `${schema}.resilient_llm_ledger`,
		facetTable: `${schema}.resilient_llm_ledger_facets`,
		deliveryTable: `${schema}.resilient_llm_deliveries`,
	};
	const dialect: SqlDialect = { clock, ledgerRows, ledgerShape: 'appended' };
	let ready: Promise<void> | undefined;

	return {
		...tables,
		...dialect,
		read: run,
		readArrays: async (statement, values, take) => {
			for (const row of await onTables(async () => await connection.runForArrays(statement, values))) take(row);
		},
		write: run,
		// All parts become one statement, so that it takes a single round trip and is atomic even if the connection breaks.
		writeWith: async ({ write, afterwards }, values) => await run(together(write, afterwards), values),
		close: () => connection.close(),
	};

	async function run(statement: string, values: SqlValues): Promise<readonly RawRow[]> {
		return await onTables(async () => await connection.run(statement, values));
	}

	async function onTables<T>(work: () => Promise<T>): Promise<T> {
		const current = (ready ??= ensureTables());
		await current.catch((error: unknown) => {
			if (ready === current) ready = undefined;
			throw error;
		});
		return await work().catch((error: unknown) => {
			// The table may have been dropped, so check the tables again before the next call.
			ready = undefined;
			throw error;
		});
	}

	function together(write: string, afterwards: readonly string[]): string {
		const parts = [
			`moment AS (SELECT ${clock} AS now)`,
			`written AS (${write})`,
			...afterwards.map((statement, index) => `afterwards_${index} AS (${statement})`),
		];
		return `WITH ${parts.join(', ')} SELECT * FROM written`;
	}

	async function ensureTables(): Promise<void> {
		if ((await versionOfTables(connection.run)) === schemaVersion) return;
		const [found] = await connection.run('SELECT to_regnamespace(:schema) IS NULL AS missing', { schema });
		await connection.transaction(async (runInside) => {
			await runInside(lockForMaking, {});
			// Another process may have created the tables in the meantime, even one with a newer package.
			if ((await versionOfTables(runInside)) === schemaVersion) return;
			if (found?.missing === true) await runInside(`CREATE SCHEMA IF NOT EXISTS ${schema}`, {});
			for (const statement of migrations({
				...tables,
				...dialect,
				indexPrefix: tableName,
				keyCollation: 'COLLATE "C"',
			}).flat())
				await runInside(statement, {});
			await runInside(
				`COMMENT ON TABLE ${tables.table} IS 'Tasks of n8n-nodes-resilient-llm, schema ${schemaVersion}'`,
				{},
			);
		});
	}

	/**
	 * The version of the tables, which is stored in the comment on the table of tasks. Undefined: a table is missing.
	 * Throws when the version is newer than this package, or when the table is not one of a task store.
	 */
	async function versionOfTables(ask: PostgresConnection['run']): Promise<number | undefined> {
		const { table, linkTable, ledgerTable, facetTable, deliveryTable } = tables;
		const others = {
			link_table: linkTable,
			ledger_table: ledgerTable,
			facet_table: facetTable,
			delivery_table: deliveryTable,
		};
		const othersFound = Object.keys(others).map((name) => `to_regclass(:${name}) IS NOT NULL`);
		const [found] = await ask(
			`SELECT obj_description(to_regclass(:table), 'pg_class') AS comment, to_regclass(:table) IS NOT NULL AS table_found,
				${othersFound.join(' AND ')} AS others_found`,
			{ table, ...others },
		);
		if (found?.table_found !== true) return undefined;
		const [, text] = /schema (\d+)/.exec(String(found.comment)) ?? [];
		if (text === undefined)
			throw new TaskStoreError(
				`${where} holds a table ${table} that is not a task store. Rename it, or choose another schema in the credential.`,
			);
		const version = Number(text);
		if (version <= schemaVersion) return found.others_found === true ? version : undefined;
		throw new TaskStoreError(
			`${where} holds a table ${table} of a newer version of n8n-nodes-resilient-llm (schema ${version}, this one knows ${schemaVersion}). Update the package, or choose another schema in the credential.`,
		);
	}
}
