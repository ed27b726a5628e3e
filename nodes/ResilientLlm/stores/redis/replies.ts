import type { EpochMs } from '../../engine/clock';
import type { TaskRecord } from '../../engine/store/task-record';
import { recordOf } from '../sql/task-record';
import { readRow, type RawRow } from '../sql/task-row';

/** The record in a reply that consists of the server's time and a row; undefined when there is no row. */
export function asRecord(reply: unknown): TaskRecord | undefined {
	const { now, raw } = momentAndRow(reply);
	return raw && recordOf(readRow(raw), now);
}

export function momentAndRow(reply: unknown): { now: EpochMs; raw: RawRow | undefined } {
	const [now, fields] = listOf(reply);
	const raw = fieldsOf(fields);
	return { now: Number(now), raw: raw.key === undefined ? undefined : raw };
}

/** Reads a hash, for which Redis replies with a list of names and values in turn. */
export function fieldsOf(list: unknown): RawRow {
	const parts = listOf(list);
	return Object.fromEntries(
		parts.flatMap((name, index) => (index % 2 === 0 ? [[String(name), parts[index + 1]]] : [])),
	);
}

export function listOf(reply: unknown): readonly unknown[] {
	return Array.isArray(reply) ? reply : [];
}
