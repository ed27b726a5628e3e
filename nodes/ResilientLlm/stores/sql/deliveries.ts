import { leaseDoublings, steadyHandovers, type Deliveries } from '../../engine/store/deliveries';
import type { SqlDatabase, SqlDialect, SqlTables } from './database';
import { wholeMs } from './task-row';

type Tables = SqlTables & SqlDialect;

/** Deliveries in SQL: one row for each undelivered decision; the row is deleted when the decision is delivered. */
export function createSqlDeliveries(database: SqlDatabase): Deliveries {
	const statements = deliveryStatements(database);

	return {
		async handOver({ to, leaseMs, limit, decisionId = null }) {
			const values = { receiver: to, lease: wholeMs(leaseMs), limit, decision_id: decisionId };
			const taken = await database.write(statements.handOver, values);
			return taken.map((row) => ({
				decisionId: String(row.decision_id),
				key: String(row.key),
				count: Number(row.handovers),
			}));
		},
		async beginDelivery({ decisionId, executionId, leaseMs }) {
			const values = { decision_id: decisionId, execution: executionId };
			const [begun] = await database.write(statements.begin, { ...values, lease: wholeMs(leaseMs) });
			if (begun !== undefined) return { kind: 'begun' };
			const [found] = await database.read(statements.find, values);
			if (found === undefined) return { kind: 'unknown' };
			return typeof found.execution === 'string'
				? { kind: 'elsewhere', executionId: found.execution }
				: { kind: 'delivered' };
		},
		async endDelivery(decisionId) {
			await database.write(statements.end, { decision_id: decisionId });
		},
	};
}

/**
 * The statement that marks a new decision as undelivered. Runs after the statement that decides, in the same
 * transaction.
 */
export function insertDelivery({ table, deliveryTable }: Tables): string {
	return `INSERT INTO ${deliveryTable} (decision_id, key, receiver, due_at, handovers, kept_until, prune_at)
		SELECT token_hash, key, :receiver, moment.now + CAST(:lease AS BIGINT), 1,
			${keptAtLeast('holds_until')}, ${keptAtLeast('holds_until')} + CAST(:retention AS BIGINT)
		FROM ${table}, moment WHERE key = :key AND EXISTS (SELECT 1 FROM written)`;
}

/** SQL for the later of two instants: the given one, and the end of the time for which a decision must be kept. */
export function keptAtLeast(instant: string): string {
	const kept = 'moment.now + CAST(:keep_for AS BIGINT)';
	return `CASE WHEN ${instant} < ${kept} THEN ${kept} ELSE ${instant} END`;
}

/** A column that is 1 where the decision of the row is not delivered yet, else 0. */
export function undeliveredColumn({ deliveryTable }: Pick<SqlTables, 'deliveryTable'>): string {
	const found = `EXISTS (SELECT 1 FROM ${deliveryTable} AS delivery WHERE delivery.decision_id = token_hash)`;
	return `CASE WHEN ${found} THEN 1 ELSE 0 END AS undelivered`;
}

function deliveryStatements({ table, deliveryTable, clock }: Tables) {
	const moment = `WITH moment AS (SELECT ${clock} AS now)`;
	const due = 'receiver = :receiver AND due_at <= moment.now AND kept_until > moment.now';

	return {
		// The outer condition repeats the inner one on purpose: in PostgreSQL another process may have taken the row
		// between the subquery and the update.
		handOver: `${moment}
			UPDATE ${deliveryTable} SET handovers = handovers + 1, execution = NULL, due_at = moment.now + ${leaseFor('handovers + 1')}
			FROM moment
			WHERE ${due} AND decision_id IN (
				SELECT decision_id FROM ${deliveryTable}, moment
				WHERE ${due} AND (CAST(:decision_id AS TEXT) IS NULL OR decision_id = :decision_id)
				ORDER BY due_at LIMIT CAST(:limit AS BIGINT))
			RETURNING decision_id, key, handovers`,

		begin: `${moment}
			UPDATE ${deliveryTable} SET execution = :execution, due_at = moment.now + ${leaseFor('handovers')}
			FROM moment
			WHERE decision_id = :decision_id AND (execution IS NULL OR execution = :execution OR due_at <= moment.now)
				AND EXISTS (SELECT 1 FROM ${table} WHERE token_hash = :decision_id)
			RETURNING decision_id`,

		find: `SELECT delivery.execution FROM ${table} LEFT JOIN ${deliveryTable} AS delivery ON delivery.decision_id = token_hash
			WHERE token_hash = :decision_id AND state = 'resolved'`,

		end: `DELETE FROM ${deliveryTable} WHERE decision_id = :decision_id`,
	};
}

/** The lease in ms after so many handovers: `leaseFactor` of the engine, in SQL. */
function leaseFor(handovers: string): string {
	const last = steadyHandovers + leaseDoublings;
	const doublings = `CASE WHEN ${handovers} <= ${steadyHandovers} THEN 0
		WHEN ${handovers} >= ${last} THEN ${leaseDoublings} ELSE ${handovers} - ${steadyHandovers} END`;
	return `CAST(:lease AS BIGINT) * (1 << (${doublings}))`;
}
