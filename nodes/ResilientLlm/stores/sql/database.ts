import type { Survives } from '../embedded/group-commit';
import type { RawRow } from './task-row';

export type SqlValues = Readonly<Record<string, string | number | null>>;

/** The tables, quoted, with the schema where there is one. */
export interface SqlTables {
	/** Tasks. */
	readonly table: string;
	/** Further links to reviews. */
	readonly linkTable: string;
	/** Lines of the ledger. */
	readonly ledgerTable: string;
	/** What the lines of a day tell of. */
	readonly facetTable: string;
	/** Decisions that are not delivered yet. */
	readonly deliveryTable: string;
}

/** What SQLite and PostgreSQL say in different words. */
export interface SqlDialect {
	/** The clock that all processes on this database share, as an expression: epoch milliseconds, a whole number. */
	readonly clock: string;
	/** The JSON array `:ledger` as a table with the columns of `LedgerLine`. */
	readonly ledgerRows: string;
	/**
	 * `counted`: lines of a minute that share facet and latency are one row, and rows lie in the order in which they are
	 * summed up. `appended`: each line is a row, so that no writer ever waits for another.
	 */
	readonly ledgerShape: 'counted' | 'appended';
}

/**
 * A database that takes the statements of `sql-statements.ts`: SQLite or PostgreSQL. Parameters are named (`:key`) and
 * may be given though a statement does not use them. Every method rejects with a `TaskStoreError`.
 */
export interface SqlDatabase extends SqlTables, SqlDialect {
	/** Changes nothing, and waits for no writer. */
	read(statement: string, values: SqlValues): Promise<readonly RawRow[]>;
	/**
	 * The same for a statement whose rows are many: hands on one after the other, as arrays in the order of its columns.
	 */
	readArrays(statement: string, values: SqlValues, take: (row: readonly unknown[]) => void): Promise<void>;
	/** Is on the disk when it resolves. */
	write(statement: string, values: SqlValues): Promise<readonly RawRow[]>;
	/** Several statements as one step, all or nothing. Returns the rows of the first. What it survives at least. */
	writeWith(statements: SqlWrite, values: SqlValues, survives: Survives): Promise<readonly RawRow[]>;
	close(): Promise<void>;
}

/**
 * A write, and statements to run after it when it returned a row. All of them may read `moment`; the latter have to ask
 * `written`.
 */
export interface SqlWrite {
	readonly write: string;
	readonly afterwards: readonly string[];
}
