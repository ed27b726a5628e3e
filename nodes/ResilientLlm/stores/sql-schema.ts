/** Counts the changes of the table's shape. A store written by a newer version of the package is refused. */
export const schemaVersion = 1;

export interface SqlTableNames {
	/** Quoted, with the schema where there is one. */
	readonly table: string;
	readonly linkTable: string;
	/** Unquoted; the names of the indexes begin with it. */
	readonly indexPrefix: string;
	/** Makes `key` sort by code point, as JavaScript does. */
	readonly keyCollation: string;
}

/** What brings a database from each version to the next; the first entry makes version 1 of nothing. */
export function migrations({ table, linkTable, indexPrefix, keyCollation }: SqlTableNames): readonly (readonly string[])[] {
	return [
		[
			// The large columns stand last, so that SQLite reads the others without walking over them.
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
			// Holds whatever a list filters by, so that a row that does not fit is passed over without being read.
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_state ON ${table} (state, happened_at, key, workflow_id, due_at, holds_until)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_prune ON ${table} (prune_at)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_token ON ${table} (token_hash) WHERE token_hash IS NOT NULL`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_by_task ON ${table} (task_hash, happened_at, key) WHERE token_hash IS NOT NULL`,
			// Names the review by its own link, not by its key: the next review with that key is not for those who got this link.
			`CREATE TABLE IF NOT EXISTS ${linkTable} (token_hash TEXT PRIMARY KEY, review_token_hash TEXT NOT NULL, prune_at BIGINT NOT NULL)`,
			`CREATE INDEX IF NOT EXISTS ${indexPrefix}_links_by_prune ON ${linkTable} (prune_at)`,
		],
	];
}
