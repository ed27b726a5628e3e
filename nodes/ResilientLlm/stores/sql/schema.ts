import type { SqlDialect, SqlTables } from './database';

/**
 * Version of the tables, raised by one with each change of their shape. A store with a higher version, written by a
 * newer package, is refused.
 */
export const schemaVersion = 3;

export interface SqlSchema extends SqlTables, Pick<SqlDialect, 'ledgerShape'> {
	/** The names of all indexes begin with this. Not quoted. */
	readonly indexPrefix: string;
	/** The collation of `key`, so that it sorts by code point, as JavaScript does. Empty where that is the default. */
	readonly keyCollation: string;
}

/**
 * The statements that bring a database from each version to the next; the first entry creates version 1 in an empty
 * database. Every statement may be run again without harm.
 */
export function migrations(schema: SqlSchema): readonly (readonly string[])[] {
	const { table, linkTable, ledgerTable, facetTable, deliveryTable, ledgerShape, indexPrefix, keyCollation } = schema;
	return [
		[
			// The large columns come last, so that SQLite can read the others without reading past the large ones.
			`CREATE TABLE IF NOT EXISTS ${table} (
				key TEXT ${keyCollation} PRIMARY KEY,
				state TEXT NOT NULL,
				fingerprint TEXT NOT NULL,
				owner TEXT,
				task_hash TEXT NOT NULL,
				workflow_id TEXT NOT NULL,
				started_at BIGINT NOT NULL,
				happened_at BIGINT NOT NULL,
				holds_until BIGINT NOT NULL,
				prune_at BIGINT NOT NULL,
				due_at BIGINT,
				token_hash TEXT,
				verdict TEXT,
				responded_at BIGINT,
				identity TEXT NOT NULL,
				summary TEXT,
				response TEXT,
				payload TEXT
			)`,
			// Contains every column that a list filters by, so that rows that do not match are skipped without reading the
			// table.
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_state ON ${table} (state, happened_at, key, workflow_id, due_at, holds_until)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_prune ON ${table} (prune_at)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_token ON ${table} (token_hash) WHERE token_hash IS NOT NULL`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_task ON ${table} (task_hash, happened_at, key) WHERE token_hash IS NOT NULL`,
			// Refers to the review by its token hash and not by its key: if the key is used for another review later, the
			// holders of this link must not get to see that one.
			`CREATE TABLE IF NOT EXISTS ${linkTable} (token_hash TEXT PRIMARY KEY, review_token_hash TEXT NOT NULL, prune_at BIGINT NOT NULL)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_links_by_prune ON ${linkTable} (prune_at)`,
		],
		[
			`CREATE TABLE IF NOT EXISTS ${facetTable} (day INTEGER NOT NULL, facet BIGINT NOT NULL, facets TEXT NOT NULL, PRIMARY KEY (day, facet))`,
			...ledgerTables[ledgerShape](ledgerTable, indexPrefix),
		],
		[
			// One row for each undelivered decision. Decisions made before this version have no row, so they count as
			// delivered.
			`CREATE TABLE IF NOT EXISTS ${deliveryTable} (
				decision_id TEXT PRIMARY KEY,
				key TEXT NOT NULL,
				receiver TEXT NOT NULL,
				due_at BIGINT NOT NULL,
				handovers INTEGER NOT NULL,
				execution TEXT,
				kept_until BIGINT NOT NULL,
				prune_at BIGINT NOT NULL
			)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_deliveries_by_receiver ON ${deliveryTable} (receiver, due_at)`,
		],
	];
}

/**
 * `hour` and `minute` are counted from the epoch. The widest columns come first, so that PostgreSQL needs no padding.
 */
const ledgerColumns = `
	facet BIGINT NOT NULL,
	cost BIGINT NOT NULL,
	extra_cost BIGINT NOT NULL,
	hour INTEGER NOT NULL,
	minute INTEGER NOT NULL,
	latency_bucket SMALLINT NOT NULL,
	lines SMALLINT NOT NULL,
	priced_lines SMALLINT NOT NULL,
	compared_lines SMALLINT NOT NULL`;

const ledgerTables: Readonly<
	Record<SqlDialect['ledgerShape'], (table: string, indexPrefix: string) => readonly string[]>
> = {
	counted: (table) => [
		`CREATE TABLE IF NOT EXISTS ${table} (${ledgerColumns}, PRIMARY KEY (hour, facet, latency_bucket, minute)) WITHOUT ROWID`,
	],
	appended: (table, indexPrefix) => [
		`CREATE TABLE IF NOT EXISTS ${table} (${ledgerColumns})`,
		`CREATE INDEX IF NOT EXISTS ${indexPrefix}_ledger_by_minute ON ${table} (hour, minute)`,
	],
};
