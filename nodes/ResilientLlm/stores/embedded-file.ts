import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { TaskStoreError } from '../engine/task-store';
import { createGroupCommit, type GroupCommit, type Survives } from './group-commit';
import { migrations, schemaVersion } from './sql-schema';

/** The tables of the file. */
export const embeddedTables = { table: 'tasks', linkTable: 'review_links', ledgerTable: 'ledger', facetTable: 'ledger_facets' } as const;

export const embeddedDialect = {
	clock: 'CAST(:now AS BIGINT)',
	ledgerRows: `(SELECT value ->> '$.facet' AS facet, value ->> '$.facets' AS facets, value ->> '$.latency_bucket' AS latency_bucket,
		value ->> '$.cost' AS cost, value ->> '$.extra_cost' AS extra_cost FROM json_each(:ledger))`,
	ledgerShape: 'counted',
} as const;

/**
 * How long a write waits for another process's, in ms; the event loop stands still meanwhile. With four processes
 * writing without a pause, the longest wait measured was 147 ms.
 */
const defaultBusyTimeoutMs = 3000;

/** The write-ahead log is cut back to this size, in bytes, after a large answer went through it. */
const journalSizeLimit = 16 * 1024 * 1024;

export interface EmbeddedFileSettings {
	/** Absolute path. The folder is made when it is missing. */
	readonly file: string;
	/** For tests; see `defaultBusyTimeoutMs`. */
	readonly busyTimeoutMs?: number;
	/** For tests: the file may have so many pages (4 kB each), as if the disk were full then. */
	readonly maxPages?: number;
}

export interface EmbeddedFile {
	/** Prepares each text once. */
	statement(text: string): StatementSync;
	/** Its rows are arrays, which take a fraction of an object's time and memory. */
	arrayStatement(text: string): StatementSync;
	/** Does the work, all or nothing, together with other work of this turn; settles when it is on the disk. */
	readonly write: GroupCommit['write'];
	/** What waits is written first. */
	close(): void;
}

/** Opens the file, making it and its folder where they are missing, private to the user that runs n8n. */
export async function openEmbeddedFile({ file, busyTimeoutMs = defaultBusyTimeoutMs, maxPages }: EmbeddedFileSettings): Promise<EmbeddedFile> {
	await mkdir(dirname(file), { recursive: true, mode: 0o700 });
	// SQLite would make the file readable for all; its log files take over the file's mode.
	await (await open(file, 'a', 0o600)).close();

	const { DatabaseSync } = await import('node:sqlite');
	const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
	const statements = new Map<string, StatementSync>();
	await setUp(database, file, maxPages).catch((error: unknown) => {
		database.close();
		throw error;
	});

	const statement = (text: string): StatementSync => {
		const known = statements.get(text);
		if (known !== undefined) return known;
		const prepared = database.prepare(text);
		prepared.setAllowUnknownNamedParameters(true);
		statements.set(text, prepared);
		return prepared;
	};
	const arrayStatement = (text: string): StatementSync => {
		const prepared = statement(text);
		prepared.setReturnArrays(true);
		return prepared;
	};
	let set: Survives = 'power cut';
	const { write, flush } = createGroupCommit({
		begin(survives) {
			if (survives !== set) statement(`PRAGMA synchronous = ${survives === 'power cut' ? 'FULL' : 'NORMAL'}`).run();
			set = survives;
			statement('BEGIN IMMEDIATE').run();
		},
		execute: (text) => void statement(text).run(),
		get isTransaction() {
			return database.isOpen && database.isTransaction;
		},
	});

	return {
		statement,
		arrayStatement,
		write,
		close() {
			flush();
			if (database.isOpen) database.close();
		},
	};
}

async function setUp(database: DatabaseSync, file: string, maxPages: number | undefined): Promise<void> {
	refuseNewerSchema(database, file);
	// FULL: what is committed survives a power cut; with NORMAL it survives the end of the process, kill -9 included, and no
	// more. Measured on an SSD: 0.19 ms a commit and 0.05 ms. `begin` switches between them.
	// secure_delete: what is forgotten is overwritten.
	database.exec(`
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = FULL;
		PRAGMA secure_delete = ON;
		PRAGMA journal_size_limit = ${journalSizeLimit};
	`);
	if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
	if (versionOf(database) < schemaVersion) await migrate(database, file);
}

async function migrate(database: DatabaseSync, file: string): Promise<void> {
	database.exec('BEGIN IMMEDIATE');
	await bringUpToDate(database, file).catch((error: unknown) => {
		if (database.isTransaction) database.exec('ROLLBACK');
		throw error;
	});
}

async function bringUpToDate(database: DatabaseSync, file: string): Promise<void> {
	// Another process may have been faster, even one with a newer package.
	refuseNewerSchema(database, file);
	const steps = migrations({ ...embeddedTables, ...embeddedDialect, indexPrefix: 'tasks', keyCollation: '' }).slice(versionOf(database));
	for (const statement of steps.flat()) database.exec(statement);
	database.exec(`PRAGMA user_version = ${schemaVersion}`);
	database.exec('COMMIT');
}

function refuseNewerSchema(database: DatabaseSync, file: string): void {
	const version = versionOf(database);
	if (version <= schemaVersion) return;
	throw new TaskStoreError(
		`The task store ${file} was written by a newer version of n8n-nodes-resilient-llm (schema ${version}, this one knows ${schemaVersion}). Update the package, or move the file away to begin a new store.`,
	);
}

function versionOf(database: DatabaseSync): number {
	return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}
