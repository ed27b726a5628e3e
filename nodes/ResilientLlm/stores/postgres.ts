import { TaskStoreError, type TaskStore } from '../engine/task-store';
import { connectPostgres, lockForMaking, type PostgresConnection, type PostgresSettings } from './postgres-connection';
import { defaultRecordRetentionMs } from './record-retention';
import type { SqlDatabase } from './sql-database';
import { migrations, schemaVersion } from './sql-schema';
import { createSqlTaskStore } from './sql-task-store';

export interface PostgresStoreSettings extends PostgresSettings {
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

/** A store for many machines, in two tables of a PostgreSQL database. All instants come from the server's clock. */
export function createPostgresTaskStore(settings: PostgresStoreSettings): TaskStore {
	return postgresTaskStoreOn(connectPostgres(settings), settings.recordRetentionMs);
}

/** The same on a connection that other stores use as well. Closing the store closes the connection. */
export function postgresTaskStoreOn(connection: PostgresConnection, recordRetentionMs = defaultRecordRetentionMs): TaskStore {
	return createSqlTaskStore(withTables(connection), recordRetentionMs);
}

const tableName = 'resilient_llm_tasks';

/** The database, with the tables made or checked before the first statement. */
function withTables(connection: PostgresConnection): SqlDatabase {
	const table = `${connection.schema}.${tableName}`;
	const linkTable = `${connection.schema}.resilient_llm_review_links`;
	let ready: Promise<void> | undefined;

	return {
		table,
		linkTable,
		clock: connection.clock,
		async run(statement, values) {
			const current = (ready ??= ensureTables());
			await current.catch((error: unknown) => {
				if (ready === current) ready = undefined;
				throw error;
			});
			return await connection.run(statement, values).catch((error: unknown) => {
				// Somebody may have dropped the table; the next call looks again.
				ready = undefined;
				throw error;
			});
		},
		close: () => connection.close(),
	};

	async function ensureTables(): Promise<void> {
		const version = await versionOfTable();
		if (version > schemaVersion) {
			throw new TaskStoreError(
				`${connection.where} holds a table ${table} of a newer version of n8n-nodes-resilient-llm (schema ${version}, this one knows ${schemaVersion}). Update the package, or choose another schema in the credential.`,
			);
		}
		if (version < schemaVersion) await migrate();
	}

	/** 0: something is missing. The version stands in the comment of the table of tasks. */
	async function versionOfTable(): Promise<number> {
		const [found] = await connection.run(
			`SELECT obj_description(to_regclass(:table), 'pg_class') AS comment, to_regclass(:table) IS NOT NULL AS table_found, to_regclass(:link_table) IS NOT NULL AS links_found`,
			{ table, link_table: linkTable },
		);
		if (found?.table_found !== true) return 0;
		const [, version] = /schema (\d+)/.exec(String(found.comment)) ?? [];
		if (version !== undefined) return found.links_found === true ? Number(version) : 0;
		throw new TaskStoreError(`${connection.where} holds a table ${table} that is not a task store. Rename it, or choose another schema in the credential.`);
	}

	async function migrate(): Promise<void> {
		const [found] = await connection.run('SELECT to_regnamespace(:schema) IS NULL AS missing', { schema: connection.schema });
		// Safe to repeat, because another process may have been faster. A version 2 has to ask, behind the lock, what is left to do.
		const steps = migrations({ table, linkTable, indexPrefix: tableName, keyCollation: 'COLLATE "C"' });
		await connection.runAll([
			lockForMaking,
			...(found?.missing === true ? [`CREATE SCHEMA IF NOT EXISTS ${connection.schema}`] : []),
			...steps.flat(),
			`COMMENT ON TABLE ${table} IS 'Tasks of n8n-nodes-resilient-llm, schema ${schemaVersion}'`,
		]);
	}
}
