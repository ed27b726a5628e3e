import type { StateBranch } from './record-page';
import type { SqlDatabase } from './sql-database';

/** Everything of a row but its payload. */
const columns = 'key, state, fingerprint, owner, identity, started_at, happened_at, holds_until, due_at, token_hash, verdict, responded_at, summary, response';

/** Each conditional write is one statement: the condition and the change cannot be parted, by a crash or by another process. */
export interface SqlStatements {
	readonly claim: string;
	readonly finish: string;
	readonly release: string;
	readonly note: string;
	readonly get: string;
	readonly addLink: string;
	readonly reviewByToken: string;
	readonly newestReviewOfTask: string;
	readonly decide: string;
	/** Drops the content of at most `:batch` records, and expires reviews. */
	readonly expire: string;
	/** Deletes at most `:batch` records. */
	readonly forget: string;
	/** Deletes links whose review is forgotten. */
	readonly forgetLinks: string;
}

/**
 * One dialect for SQLite and PostgreSQL. `moment` reads the clock once per statement. Numbers are cast because
 * PostgreSQL would take an untyped parameter for text, and SQLite gets every JavaScript number as a float.
 */
export function sqlStatements({ table, linkTable, clock }: Pick<SqlDatabase, 'table' | 'linkTable' | 'clock'>): SqlStatements {
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

		finish: `${moment}
			UPDATE ${table} SET
				state = :state, summary = :summary, payload = :payload, token_hash = :token_hash, happened_at = moment.now,
				holds_until = ${endOfHold}, due_at = ${dueAt}, prune_at = ${endOfContent}
			FROM moment
			WHERE key = :key AND owner = :owner AND state = 'processing' AND holds_until > moment.now
			RETURNING key`,

		release: `DELETE FROM ${table} WHERE key = :key AND owner = :owner AND state = 'processing'`,

		note: `${moment}
			INSERT INTO ${table} (key, state, fingerprint, task_hash, workflow_id, identity, started_at, happened_at, holds_until, due_at, prune_at, token_hash, summary, payload)
			SELECT :key, :state, :fingerprint, :task_hash, :workflow_id, :identity, moment.now - CAST(:took AS BIGINT), moment.now, ${endOfHold}, ${dueAt}, ${endOfContent}, :token_hash, :summary, :payload
			FROM moment WHERE true
			ON CONFLICT (key) DO NOTHING
			RETURNING key`,

		get: `${moment} SELECT ${columns}, payload, moment.now FROM ${table}, moment WHERE key = :key`,

		addLink: `${moment}
			INSERT INTO ${linkTable} (token_hash, review_token_hash, prune_at)
			SELECT :added_token_hash, token_hash, holds_until + ${retention}
			FROM ${table}, moment
			WHERE key = :key AND state = 'pending_human_review' AND holds_until > moment.now
			ON CONFLICT (token_hash) DO UPDATE SET review_token_hash = excluded.review_token_hash, prune_at = excluded.prune_at
			RETURNING token_hash`,

		reviewByToken: `${moment} SELECT ${columns}, payload, moment.now FROM ${table}, moment
			WHERE token_hash IN (:token_hash, (SELECT review_token_hash FROM ${linkTable} AS link WHERE link.token_hash = :token_hash))`,

		newestReviewOfTask: `${moment} SELECT ${columns}, payload, moment.now FROM ${table}, moment
			WHERE task_hash = :task_hash AND token_hash IS NOT NULL ORDER BY happened_at DESC, key DESC LIMIT 1`,

		decide: `${moment}
			UPDATE ${table} SET state = 'resolved', verdict = :verdict, response = :response, responded_at = moment.now
			FROM moment
			WHERE key = :key AND state = 'pending_human_review' AND holds_until > moment.now
			RETURNING ${columns}, payload`,

		// The outer condition is not idle: another process may have claimed the key since the inner one was read.
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
	};
}

export interface ListFilters {
	readonly byWorkflow: boolean;
	readonly byDueDate: boolean;
	readonly payloads: boolean;
}

const newestFirst = 'ORDER BY happened_at DESC, key DESC LIMIT CAST(:limit AS BIGINT)';

/**
 * One branch per state, each a walk down the index from the page's start that ends when the page is full. A single query
 * with `state IN (…)` would sort all records of these states for every page.
 */
export function listStatement({ table, clock }: Pick<SqlDatabase, 'table' | 'clock'>, branches: readonly StateBranch[], filters: ListFilters): string {
	const selects = branches.map(({ state, part }) => {
		const payload = filters.payloads && state !== 'answered' ? 'payload' : 'CAST(NULL AS TEXT)';
		const conditions = [
			`state = '${state}' AND happened_at >= CAST(:since AS BIGINT) AND (happened_at, key) < (CAST(:below_at AS BIGINT), :below_key)`,
			part === 'held' && 'holds_until > (SELECT now FROM moment)',
			part === 'over' && 'holds_until <= (SELECT now FROM moment)',
			filters.byWorkflow && 'workflow_id = :workflow_id',
			filters.byDueDate && 'due_at <= CAST(:due_before AS BIGINT)',
		].filter((condition) => condition !== false);
		const rows = `SELECT ${columns}, ${payload} AS payload, (SELECT now FROM moment) AS now FROM ${table} WHERE ${conditions.join(' AND ')} ${newestFirst}`;
		return `SELECT * FROM (${rows}) AS of_${state}`;
	});
	return `WITH moment AS (SELECT ${clock} AS now) ${selects.join(' UNION ALL ')} ${newestFirst}`;
}
