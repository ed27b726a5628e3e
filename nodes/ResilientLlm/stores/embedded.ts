import type { Clock } from '../engine/clock';
import { TaskStoreError, type TaskStore } from '../engine/task-store';
import { embeddedStoreError, leavesHandleUnusable } from './embedded-errors';
import { embeddedTables, openEmbeddedFile, type EmbeddedFile, type EmbeddedFileSettings } from './embedded-file';
import { defaultRecordRetentionMs } from './record-retention';
import type { SqlDatabase, SqlValues } from './sql-database';
import { createSqlTaskStore } from './sql-task-store';
import type { RawRow } from './task-row';

export interface EmbeddedStoreSettings extends EmbeddedFileSettings {
	/** Default: the wall clock, because instants in the file outlive the process. */
	readonly clock?: Pick<Clock, 'now'>;
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

/**
 * A store in one SQLite file, for the processes of one machine. The file opens on first use, and again after an error
 * that may be gone by then.
 */
export function createEmbeddedTaskStore(settings: EmbeddedStoreSettings): TaskStore {
	return createSqlTaskStore(embeddedDatabase(settings), settings.recordRetentionMs ?? defaultRecordRetentionMs);
}

function embeddedDatabase({ clock = { now: Date.now }, ...settings }: EmbeddedStoreSettings): SqlDatabase {
	const { file } = settings;
	let opening: Promise<EmbeddedFile> | undefined;
	let closed = false;

	return {
		...embeddedTables,
		clock: 'CAST(:now AS BIGINT)',
		run: async (statement, values) =>
			await runOnce(statement, values).catch(async (error: unknown) => {
				if (leavesHandleUnusable(error)) await closeFile();
				throw embeddedStoreError(error, file);
			}),
		async close() {
			closed = true;
			await closeFile();
		},
	};

	async function runOnce(statement: string, values: SqlValues): Promise<readonly RawRow[]> {
		if (closed) throw new TaskStoreError(`The task store ${file} is closed.`);
		const current = (opening ??= openEmbeddedFile(settings));
		const opened = await current.catch((error: unknown) => {
			if (opening === current) opening = undefined;
			throw error;
		});
		return opened.statement(statement).all({ ...values, now: Math.floor(clock.now()) });
	}

	async function closeFile(): Promise<void> {
		const current = opening;
		opening = undefined;
		(await current?.catch(() => undefined))?.close();
	}
}
