import type { Survives } from '../embedded/group-commit';
import type { RawRow } from './task-row';

export type SqlValues = Readonly<Record<string, string | number | null>>;

/** Names of the tables, ready to use in SQL: quoted where needed, with the schema where there is one. */
export interface SqlTables {
	/** Tasks. */
	readonly table: string;
	/** Additional links to reviews, besides the one each review was created with. */
	readonly linkTable: string;
	/** Lines of the ledger. */
	readonly ledgerTable: string;
	/** The facets (vendor, model, workflow and so on) that the lines of a day refer to, by their hash. */
	readonly facetTable: string;
	/** Decisions that are not delivered yet. */
	readonly deliveryTable: string;
}

/** The parts of the statements in which SQLite and PostgreSQL differ. */
export interface SqlDialect {
	/**
	 * An SQL expression for the current time, by the clock that all processes on this database share: epoch milliseconds,
	 * a whole number.
	 */
	readonly clock: string;
	/**
	 * An SQL expression that turns the JSON array in the parameter `:ledger` into a table with the columns of
	 * `LedgerLine`.
	 */
	readonly ledgerRows: string;
	/**
	 * `counted`: lines of the same minute with the same facet and latency bucket share one row with a counter, and rows
	 * are stored in the order in which they are summed up. `appended`: each line is a row of its own, so that concurrent
	 * writers never wait for each other's row locks.
	 */
	readonly ledgerShape: 'counted' | 'appended';
}

/**
 * A database that runs the statements of `statements.ts`: SQLite or PostgreSQL. Parameters are named (`:key`);
 * parameters that a statement does not use are ignored. Every method rejects with a `TaskStoreError`.
 */
export interface SqlDatabase extends SqlTables, SqlDialect {
	/** Runs a statement that only reads; never waits for a writer. */
	read(statement: string, values: SqlValues): Promise<readonly RawRow[]>;
	/**
	 * Like `read`, for a statement with many rows: calls `take` for one row after the other, each as an array in the
	 * order of the columns.
	 */
	readArrays(statement: string, values: SqlValues, take: (row: readonly unknown[]) => void): Promise<void>;
	/** Runs one statement that writes. When it resolves, the change is committed and survives a power cut. */
	write(statement: string, values: SqlValues): Promise<readonly RawRow[]>;
	/**
	 * Runs several statements in one transaction and returns the rows of the first. `survives`: what the committed change
	 * must survive at least.
	 */
	writeWith(statements: SqlWrite, values: SqlValues, survives: Survives): Promise<readonly RawRow[]>;
	close(): Promise<void>;
}

/**
 * A write, and the statements to run after it in the same transaction if it returned a row. All of them may select from
 * `moment` (the current time); those in `afterwards` must add the condition `EXISTS (SELECT 1 FROM written)`.
 */
export interface SqlWrite {
	readonly write: string;
	readonly afterwards: readonly string[];
}
