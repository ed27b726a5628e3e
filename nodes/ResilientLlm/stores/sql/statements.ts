import { dayMs, hourMs, minuteMs } from '../ledger-retention';
import type { StateBranch } from '../record-page';
import { insertDelivery, keptAtLeast, undeliveredColumn } from './deliveries';
import type { SqlDialect, SqlTables, SqlWrite } from './database';

/** All columns but the payload. */
const columns =
	'key, state, fingerprint, owner, identity, started_at, happened_at, holds_until, due_at, token_hash, verdict, responded_at, summary, response';

/**
 * The statements of the task store. Each conditional write (compare-and-set) is a single statement, so that neither a
 * crash nor another process can come between the condition and the change.
 */
export interface SqlStatements {
	readonly claim: string;
	readonly finish: SqlWrite;
	readonly release: string;
	readonly note: SqlWrite;
	/** Adds ledger lines that do not belong to another write. */
	readonly addToLedger: SqlWrite;
	readonly get: string;
	readonly addLink: string;
	readonly reviewByToken: string;
	readonly newestReviewOfTask: string;
	/** Also marks the decision as undelivered. */
	readonly decide: SqlWrite;
	/**
	 * For at most `:batch` records whose time is over: deletes payload and response, and marks pending reviews as
	 * expired.
	 */
	readonly expire: string;
	/** Deletes at most `:batch` records whose retention is over. */
	readonly forget: string;
	/** Deletes links to reviews whose retention is over. */
	readonly forgetLinks: string;
	/** Deletes decisions that were never delivered and whose retention is over. */
	readonly forgetDeliveries: string;
	/**
	 * Sums of lines by facet; one facet may come in several rows. Its columns are the parameters of `add` in
	 * `ledger-sums.ts`.
	 */
	readonly tally: string;
	/** The JSON of the facets of some days, by their hash. */
	readonly facets: string;
	/** The oldest hour in the ledger, and the first hour that is still to be kept. */
	readonly oldestHour: string;
	/**
	 * Deletes about `:batch` lines of an hour, always all lines of a facet: those with the smallest facet numbers first.
	 */
	readonly forgetHour: string;
	readonly forgetFacets: string;
}

/**
 * Builds the statements, in SQL that both SQLite and PostgreSQL understand. `moment` reads the clock once per
 * statement. Numbers are cast because PostgreSQL would take an untyped parameter for text, and SQLite gets every
 * JavaScript number as a float.
 */
export function sqlStatements(database: SqlTables & SqlDialect): SqlStatements {
	const { table, linkTable, ledgerTable, facetTable, deliveryTable, ledgerShape, clock } = database;
	const wholeRow = `${columns}, payload, ${undeliveredColumn(database)}`;
	const addLines = ledgerLinesAfterwards(database);
	const moment = `WITH moment AS (SELECT ${clock} AS now)`;
	const endOfHold = 'moment.now + CAST(:hold_for AS BIGINT)';
	const dueAt = 'moment.now + CAST(:due_in AS BIGINT)';
	const retention = 'CAST(:retention AS BIGINT)';
	const endOfContent = `CASE WHEN CAST(:payload AS TEXT) IS NULL AND :state = 'answered' THEN moment.now + ${retention} ELSE ${endOfHold} END`;

	return {
		claim: `${moment}
			INSERT INTO ${table} AS held (key, state, fingerprint, owner, task_hash, workflow_id, identity, started_at, happened_at, holds_until, prune_at)
			SELECT :key, 'processing', :fingerprint, :owner, :task_hash, :workflow_id, :identity, moment.now, moment.now, ${endOfHold}, ${endOfHold} + ${retention}
			FROM moment WHERE true
			ON CONFLICT (key) DO UPDATE SET
				state = excluded.state, fingerprint = excluded.fingerprint, owner = excluded.owner, task_hash = excluded.task_hash,
				workflow_id = excluded.workflow_id, identity = excluded.identity, started_at = excluded.started_at,
				happened_at = excluded.happened_at, holds_until = excluded.holds_until, prune_at = excluded.prune_at,
				due_at = NULL, token_hash = NULL, verdict = NULL, responded_at = NULL, summary = NULL, response = NULL, payload = NULL
			WHERE held.holds_until <= excluded.started_at
				OR (held.state = 'processing' AND held.owner = excluded.owner AND held.fingerprint = excluded.fingerprint)
			RETURNING holds_until`,

		finish: {
			write: `UPDATE ${table} SET
				state = :state, summary = :summary, payload = :payload, token_hash = :token_hash, happened_at = moment.now,
				holds_until = ${endOfHold}, due_at = ${dueAt}, prune_at = ${endOfContent}
			FROM moment
			WHERE key = :key AND owner = :owner AND state = 'processing'
			RETURNING key`,
			afterwards: addLines,
		},

		release: `DELETE FROM ${table} WHERE key = :key AND owner = :owner AND state = 'processing'`,

		note: {
			write: `INSERT INTO ${table} (key, state, fingerprint, task_hash, workflow_id, identity, started_at, happened_at, holds_until, due_at, prune_at, token_hash, summary, payload)
			SELECT :key, :state, :fingerprint, :task_hash, :workflow_id, :identity, moment.now - CAST(:took AS BIGINT), moment.now, ${endOfHold}, ${dueAt}, ${endOfContent}, :token_hash, :summary, :payload
			FROM moment WHERE true
			ON CONFLICT (key) DO NOTHING
			RETURNING key`,
			afterwards: addLines,
		},

		addToLedger: { write: 'SELECT 1 AS added', afterwards: addLines },

		get: `${moment} SELECT ${wholeRow}, moment.now FROM ${table}, moment WHERE key = :key`,

		addLink: `${moment}
			INSERT INTO ${linkTable} (token_hash, review_token_hash, prune_at)
			SELECT :added_token_hash, token_hash, holds_until + ${retention}
			FROM ${table}, moment
			WHERE key = :key AND state = 'pending_human_review' AND holds_until > moment.now
			ON CONFLICT (token_hash) DO UPDATE SET review_token_hash = excluded.review_token_hash, prune_at = excluded.prune_at
			RETURNING token_hash`,

		reviewByToken: `${moment} SELECT ${wholeRow}, moment.now FROM ${table}, moment
			WHERE token_hash IN (:token_hash, (SELECT review_token_hash FROM ${linkTable} AS link WHERE link.token_hash = :token_hash))`,

		newestReviewOfTask: `${moment} SELECT ${wholeRow}, moment.now FROM ${table}, moment
			WHERE task_hash = :task_hash AND token_hash IS NOT NULL ORDER BY happened_at DESC, key DESC LIMIT 1`,

		decide: {
			write: `UPDATE ${table} SET state = 'resolved', verdict = :verdict, response = :response, responded_at = moment.now,
				holds_until = ${keptAtLeast('holds_until')}, prune_at = ${keptAtLeast('prune_at')}
			FROM moment
			WHERE key = :key AND state = 'pending_human_review' AND holds_until > moment.now
			RETURNING ${columns}, payload`,
			afterwards: [insertDelivery(database)],
		},

		// The outer condition repeats the inner one on purpose: another process may have claimed the key between the
		// subquery and the update.
		expire: `${moment}
			UPDATE ${table} SET
				state = CASE state WHEN 'pending_human_review' THEN 'expired' ELSE state END,
				payload = NULL, response = NULL, prune_at = holds_until + ${retention}
			FROM moment
			WHERE prune_at <= moment.now AND key IN (
				SELECT key FROM ${table}, moment WHERE prune_at <= moment.now AND holds_until + ${retention} > moment.now LIMIT CAST(:batch AS BIGINT))
			RETURNING key`,

		forget: `${moment}
			DELETE FROM ${table}
			WHERE prune_at <= (SELECT now FROM moment) AND key IN (
				SELECT key FROM ${table}, moment WHERE prune_at <= moment.now AND holds_until + ${retention} <= moment.now LIMIT CAST(:batch AS BIGINT))
			RETURNING key`,

		forgetLinks: `${moment} DELETE FROM ${linkTable} WHERE prune_at <= (SELECT now FROM moment)`,

		forgetDeliveries: `${moment} DELETE FROM ${deliveryTable} WHERE prune_at <= (SELECT now FROM moment)`,

		tally: `SELECT facet, ${total('lines')}, ${total('priced_lines')}, ${total('cost')}, ${total('compared_lines')}, ${total('extra_cost')}, ${latencies}
			FROM ${ledgerTable}
			WHERE hour >= CAST(:first_hour AS BIGINT) AND hour <= CAST(:last_hour AS BIGINT) AND minute >= CAST(:from_minute AS BIGINT) AND minute < CAST(:to_minute AS BIGINT)
			GROUP BY ${tallyOrder[ledgerShape]}`,

		facets: `SELECT facet, facets FROM ${facetTable} WHERE day >= CAST(:first_day AS BIGINT) AND day <= CAST(:last_day AS BIGINT)`,

		oldestHour: `${moment} SELECT (SELECT min(hour) FROM ${ledgerTable}) AS oldest, (moment.now - ${retention}) / ${hourMs} AS first_kept FROM moment`,

		forgetHour: `DELETE FROM ${ledgerTable} WHERE hour = CAST(:hour AS BIGINT) AND facet <= coalesce(
			(SELECT facet FROM ${ledgerTable} WHERE hour = CAST(:hour AS BIGINT) ORDER BY facet LIMIT 1 OFFSET CAST(:batch AS BIGINT)),
			${Number.MAX_SAFE_INTEGER})`,

		forgetFacets: `${moment} DELETE FROM ${facetTable} WHERE day < (SELECT (now - ${retention}) / ${dayMs} FROM moment)`,
	};
}

/**
 * Sums as floats, which are exact up to nine million US dollars: PostgreSQL would sum whole numbers as decimals, which
 * takes twice as long, and SQLite raises an error when a sum exceeds 64 bits.
 */
function total(column: string): string {
	return `sum(CAST(${column} AS DOUBLE PRECISION))`;
}

/**
 * All latency buckets of a facet as one text, because one row for each bucket would make fifteen times as many rows.
 * `170,171 3` means one line in bucket 170 and three lines in bucket 171.
 */
const latencies = `string_agg(CASE lines WHEN 1 THEN CAST(latency_bucket AS TEXT) ELSE latency_bucket || ' ' || lines END, ',')`;

/**
 * `counted` (SQLite): grouping by hour first follows the primary key, so rows are summed up without sorting. `appended`
 * (PostgreSQL): groups are looked up in a hash table in any case, and grouping by facet alone returns fewer rows.
 */
const tallyOrder: Readonly<Record<SqlDialect['ledgerShape'], string>> = { counted: 'hour, facet', appended: 'facet' };

function ledgerLinesAfterwards({
	ledgerTable,
	facetTable,
	ledgerRows,
	ledgerShape,
}: SqlTables & SqlDialect): readonly string[] {
	const ofThisWrite = `FROM ${ledgerRows} AS line, moment WHERE EXISTS (SELECT 1 FROM written)`;
	return [
		// Inserted in sorted order, so that two transactions that insert the same new facets at the same time cannot
		// deadlock.
		`INSERT INTO ${facetTable} (day, facet, facets)
			SELECT DISTINCT moment.now / ${dayMs}, line.facet, line.facets ${ofThisWrite} ORDER BY 2
			ON CONFLICT (day, facet) DO NOTHING`,
		`INSERT INTO ${ledgerTable} AS counted (hour, minute, facet, latency_bucket, lines, priced_lines, cost, compared_lines, extra_cost)
			SELECT moment.now / ${hourMs}, moment.now / ${minuteMs}, line.facet, line.latency_bucket, 1,
				CASE WHEN line.cost IS NULL THEN 0 ELSE 1 END, coalesce(line.cost, 0),
				CASE WHEN line.extra_cost IS NULL THEN 0 ELSE 1 END, coalesce(line.extra_cost, 0)
			${ofThisWrite}
			${ledgerShape === 'counted' ? countTogether : ''}`,
	];
}

const countTogether = `ON CONFLICT (hour, facet, latency_bucket, minute) DO UPDATE SET
				lines = counted.lines + excluded.lines, priced_lines = counted.priced_lines + excluded.priced_lines, cost = counted.cost + excluded.cost,
				compared_lines = counted.compared_lines + excluded.compared_lines, extra_cost = counted.extra_cost + excluded.extra_cost`;

export interface ListFilters {
	readonly byWorkflow: boolean;
	readonly byDueDate: boolean;
	readonly undelivered: boolean;
	readonly payloads: boolean;
}

const newestFirst = 'ORDER BY happened_at DESC, key DESC LIMIT CAST(:limit AS BIGINT)';

/**
 * One subquery per state. Each reads the index from the start of the page and stops when the page is full. A single
 * query with `state IN (…)` would sort all records of these states for every page.
 */
export function listStatement(
	database: SqlTables & SqlDialect,
	branches: readonly StateBranch[],
	filters: ListFilters,
): string {
	const { table, deliveryTable, clock } = database;
	const selects = branches.map(({ state, part }) => {
		const payload = filters.payloads && state !== 'answered' ? 'payload' : 'CAST(NULL AS TEXT)';
		const conditions = [
			`state = '${state}' AND happened_at >= CAST(:since AS BIGINT) AND (happened_at, key) < (CAST(:below_at AS BIGINT), :below_key)`,
			part === 'held' && 'holds_until > (SELECT now FROM moment)',
			part === 'over' && 'holds_until <= (SELECT now FROM moment)',
			filters.byWorkflow && 'workflow_id = :workflow_id',
			filters.byDueDate && 'due_at <= CAST(:due_before AS BIGINT)',
			filters.undelivered && `token_hash IN (SELECT decision_id FROM ${deliveryTable})`,
		].filter((condition) => condition !== false);
		const undelivered = state === 'resolved' ? undeliveredColumn(database) : '0 AS undelivered';
		const rows = `SELECT ${columns}, ${payload} AS payload, ${undelivered}, (SELECT now FROM moment) AS now
			FROM ${table} WHERE ${conditions.join(' AND ')} ${newestFirst}`;
		return `SELECT * FROM (${rows}) AS of_${state}`;
	});
	return `WITH moment AS (SELECT ${clock} AS now) ${selects.join(' UNION ALL ')} ${newestFirst}`;
}
