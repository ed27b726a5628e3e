import type { RawRow } from './task-row';

export type SqlValues = Readonly<Record<string, string | number | null>>;

/**
 * A database that takes the statements of `sql-statements.ts`: SQLite or PostgreSQL. Parameters are named (`:key`) and
 * may be given though a statement does not use them. Every method rejects with a `TaskStoreError`.
 */
export interface SqlDatabase {
	/** The table of tasks, quoted, with the schema where there is one. */
	readonly table: string;
	/** The table of further links to reviews, likewise. */
	readonly linkTable: string;
	/** The clock that all processes on this database share, as an SQL expression: epoch milliseconds, a whole number. */
	readonly clock: string;
	run(statement: string, values: SqlValues): Promise<readonly RawRow[]>;
	close(): Promise<void>;
}
