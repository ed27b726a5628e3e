import type { Clock } from '../engine/clock';
import { TaskStoreError, type TaskStore } from '../engine/task-store';
import { embeddedStoreError, leavesHandleUnusable } from './embedded-errors';
import { embeddedDialect, embeddedTables, openEmbeddedFile, type EmbeddedFile, type EmbeddedFileSettings } from './embedded-file';
import { defaultRecordRetentionMs } from './record-retention';
import type { SqlDatabase, SqlValues } from './sql-database';
import { createSqlTaskStore } from './sql-task-store';

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

const moment = `WITH moment AS (SELECT ${embeddedDialect.clock} AS now)`;

function embeddedDatabase({ clock = { now: Date.now }, ...settings }: EmbeddedStoreSettings): SqlDatabase {
	const { file } = settings;
	let opening: Promise<EmbeddedFile> | undefined;
	let closed = false;

	return {
		...embeddedTables,
		...embeddedDialect,
		read: async (statement, values) => await onFile((opened) => opened.statement(statement).all(valuesAt(values))),
		readArrays: async (statement, values, take) =>
			await onFile((opened) => {
				// The types of Node.js do not know of rows that are arrays.
				for (const row of opened.arrayStatement(statement).iterate(valuesAt(values))) take(row as unknown as readonly unknown[]);
			}),
		write: async (statement, values) => await onFile(async (opened) => await opened.write(() => opened.statement(statement).all(valuesAt(values)), 'power cut')),
		writeWith: async ({ write, afterwards }, values, survives) =>
			await onFile(
				async (opened) =>
					await opened.write(() => {
						const all = valuesAt(values);
						const rows = opened.statement(`${moment} ${write}`).all(all);
						if (rows.length > 0) for (const statement of afterwards) opened.statement(`${moment}, written AS (SELECT 1) ${statement}`).run(all);
						return rows;
					}, survives),
			),
		async close() {
			closed = true;
			await closeFile();
		},
	};

	function valuesAt(values: SqlValues): Record<string, string | number | null> {
		return { ...values, now: Math.floor(clock.now()) };
	}

	async function onFile<T>(work: (opened: EmbeddedFile) => T | Promise<T>): Promise<T> {
		return await openFile()
			.then(work)
			.catch(async (error: unknown) => {
				if (leavesHandleUnusable(error)) await closeFile();
				throw embeddedStoreError(error, file);
			});
	}

	async function openFile(): Promise<EmbeddedFile> {
		if (closed) throw new TaskStoreError(`The task store ${file} is closed.`);
		const current = (opening ??= openEmbeddedFile(settings));
		return await current.catch((error: unknown) => {
			if (opening === current) opening = undefined;
			throw error;
		});
	}

	async function closeFile(): Promise<void> {
		const current = opening;
		opening = undefined;
		(await current?.catch(() => undefined))?.close();
	}
}
