import type { CircuitStore } from '../../engine/store/circuit-store';
import { lockForMaking, type PostgresConnection } from './connection';

const tableName = 'resilient_llm_circuits';

/**
 * Stores the open circuits in PostgreSQL, on a connection that it shares with the task store. One row for each open
 * circuit; a closed one has no row.
 */
export function postgresCircuitStoreOn(connection: PostgresConnection): CircuitStore {
	const table = `${connection.schema}.${tableName}`;
	const { clock } = connection;
	let ready: Promise<void> | undefined;

	return {
		async read(target) {
			await ensureTable();
			const [row] = await connection.run(
				`SELECT reopens_at - ${clock} AS reopens_in, openings FROM ${table} WHERE target = :target`,
				{ target },
			);
			return row && { reopensInMs: Number(row.reopens_in), openings: Number(row.openings) };
		},
		async open(target, forMs, openings) {
			await ensureTable();
			await connection.run(
				`INSERT INTO ${table} AS circuit (target, reopens_at, openings, probe_until)
				VALUES (:target, ${clock} + CAST(:for_ms AS BIGINT), :openings, 0)
				ON CONFLICT (target) DO UPDATE SET
					reopens_at = greatest(circuit.reopens_at, excluded.reopens_at), openings = excluded.openings, probe_until = 0`,
				{ target, for_ms: Math.ceil(forMs), openings },
			);
		},
		async claimProbe(target, probeMs) {
			await ensureTable();
			const [row] = await connection.run(
				`WITH won AS (
					UPDATE ${table} SET probe_until = ${clock} + CAST(:probe_ms AS BIGINT)
					WHERE target = :target AND reopens_at <= ${clock} AND probe_until <= ${clock} RETURNING target
				)
				SELECT EXISTS (SELECT 1 FROM won) OR NOT EXISTS (SELECT 1 FROM ${table} WHERE target = :target) AS mine`,
				{ target, probe_ms: Math.ceil(probeMs) },
			);
			return row?.mine === true;
		},
		async close(target) {
			await ensureTable();
			await connection.run(`DELETE FROM ${table} WHERE target = :target`, { target });
		},
	};

	async function ensureTable(): Promise<void> {
		const current = (ready ??= createTable());
		await current.catch((error: unknown) => {
			if (ready === current) ready = undefined;
			throw error;
		});
	}

	async function createTable(): Promise<void> {
		const [found] = await connection.run(
			'SELECT to_regclass(:table) IS NOT NULL AS present, to_regnamespace(:schema) IS NULL AS missing',
			{
				table,
				schema: connection.schema,
			},
		);
		if (found?.present === true) return;
		await connection.runAll([
			lockForMaking,
			...(found?.missing === true ? [`CREATE SCHEMA IF NOT EXISTS ${connection.schema}`] : []),
			`CREATE TABLE IF NOT EXISTS ${table} (target TEXT PRIMARY KEY, reopens_at BIGINT NOT NULL, openings INTEGER NOT NULL, probe_until BIGINT NOT NULL)`,
		]);
	}
}
