import type { DatabaseSync } from 'node:sqlite';

import { TaskStoreError } from '../../engine/store/task-store';
import { migrations, schemaVersion } from '../sql/schema';

/** The tables of the file. */
export const embeddedTables = {
	table: 'tasks',
	linkTable: 'review_links',
	ledgerTable: 'ledger',
	facetTable: 'ledger_facets',
	deliveryTable: 'deliveries',
} as const;

export const embeddedDialect = {
	clock: 'CAST(:now AS BIGINT)',
	ledgerRows: `(SELECT value ->> '$.facet' AS facet, value ->> '$.facets' AS facets, value ->> '$.latency_bucket' AS latency_bucket,
		value ->> '$.cost' AS cost, value ->> '$.extra_cost' AS extra_cost FROM json_each(:ledger))`,
	ledgerShape: 'counted',
} as const;

/** The write-ahead log is cut back to this size, in bytes, after a large answer went through it. */
const journalSizeLimit = 16 * 1024 * 1024;

/** Makes or updates the tables. Closes the database when that fails. */
export function setUpDatabase(database: DatabaseSync, file: string, maxPages: number | undefined): void {
	let isReady = false;
	try {
		refuseNewerSchema(database, file);
		// FULL: what is committed survives a power cut; with NORMAL it survives the end of the process, kill -9 included,
		// and no more. Measured on an SSD: 0.19 ms a commit and 0.05 ms. Each write asks for one of them. secure_delete:
		// what is forgotten is overwritten.
		database.exec(`
			PRAGMA journal_mode = WAL;
			PRAGMA synchronous = FULL;
			PRAGMA secure_delete = ON;
			PRAGMA journal_size_limit = ${journalSizeLimit};
		`);
		if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
		if (versionOf(database) < schemaVersion) migrate(database, file);
		isReady = true;
	} finally {
		if (!isReady) database.close();
	}
}

function migrate(database: DatabaseSync, file: string): void {
	database.exec('BEGIN IMMEDIATE');
	try {
		// Another process may have been faster, even one with a newer package.
		refuseNewerSchema(database, file);
		const schema = { ...embeddedTables, ...embeddedDialect, indexPrefix: 'tasks', keyCollation: '' };
		for (const statement of migrations(schema).slice(versionOf(database)).flat()) database.exec(statement);
		database.exec(`PRAGMA user_version = ${schemaVersion}`);
		database.exec('COMMIT');
	} finally {
		if (database.isTransaction) database.exec('ROLLBACK');
	}
}

function refuseNewerSchema(database: DatabaseSync, file: string): void {
	const version = versionOf(database);
	if (version <= schemaVersion) return;
	throw new TaskStoreError(
		`The task store ${file} was written by a newer version of n8n-nodes-resilient-llm (schema ${version}, this one ` +
			`knows ${schemaVersion}). Update the package, or move the file away to begin a new store.`,
	);
}

function versionOf(database: DatabaseSync): number {
	return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}
