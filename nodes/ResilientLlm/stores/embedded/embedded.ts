import type { WallClock } from '../../engine/clock';
import { TaskStoreError, type TaskStore } from '../../engine/store/task-store';
import { embeddedStoreError, leavesHandleUnusable } from './errors';
import { openEmbeddedFile, type EmbeddedFile, type EmbeddedFileSettings } from './file';
import { embeddedDialect, embeddedTables } from './schema';
import { defaultRecordRetentionMs } from '../record-retention';
import type { SqlDatabase, SqlValues } from '../sql/database';
import { createSqlTaskStore } from '../sql/task-store';

export interface EmbeddedStoreSettings extends EmbeddedFileSettings {
	/** Default: the wall clock, because instants in the file outlive the process. */
	readonly clock?: WallClock;
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

/**
 * A store in one SQLite file, for the processes of one machine. The file opens on first use, and again after an error
 * that may be gone by then. When it is deleted or replaced meanwhile, the store goes on with the file that is there
 * then.
 */
export function createEmbeddedTaskStore(settings: EmbeddedStoreSettings): TaskStore {
	return createSqlTaskStore(embeddedDatabase(settings), settings.recordRetentionMs ?? defaultRecordRetentionMs);
}

const moment = `WITH moment AS (SELECT ${embeddedDialect.clock} AS now)`;

/** So often one piece of work begins anew in another file, at most. */
const maxFiles = 5;

function embeddedDatabase({ clock = { now: () => Date.now() }, ...settings }: EmbeddedStoreSettings): SqlDatabase {
	let opening: Promise<EmbeddedFile> | undefined;
	/** Its files were deleted or replaced. Whoever opens the next one closes it. */
	let left: EmbeddedFile | undefined;
	let closed = false;

	return {
		...embeddedTables,
		...embeddedDialect,
		read: async (statement, values) =>
			await onFile((opened) => {
				const rows = opened.statement(statement).all(valuesAt(values));
				opened.assertInPlace();
				return rows;
			}),
		readArrays: async (statement, values, take) =>
			await onFile((opened) => {
				// Rows that were handed on cannot be taken back, so this looks first.
				opened.assertInPlace();
				// The types of Node.js do not know of rows that are arrays.
				const rows = opened.arrayStatement(statement).iterate(valuesAt(values)) as unknown;
				for (const row of rows as Iterable<readonly unknown[]>) take(row);
			}),
		write: async (statement, values) => {
			const run = (opened: EmbeddedFile) => opened.statement(statement).all(valuesAt(values));
			return await onFile(async (opened) => await opened.write(() => run(opened), 'power cut'));
		},
		writeWith: async ({ write, afterwards }, values, survives) => {
			const run = (opened: EmbeddedFile) => {
				const all = valuesAt(values);
				const rows = opened.statement(`${moment} ${write}`).all(all);
				if (rows.length === 0) return rows;
				for (const statement of afterwards) opened.statement(`${moment}, written AS (SELECT 1) ${statement}`).run(all);
				return rows;
			};
			return await onFile(async (opened) => await opened.write(() => run(opened), survives));
		},
		async close() {
			closed = true;
			await closeFile();
		},
	};

	function valuesAt(values: SqlValues): Record<string, string | number | null> {
		return { ...values, now: Math.floor(clock.now()) };
	}

	/** Does work on the file; when that was deleted or replaced by then, again on the file that is there now. */
	async function onFile<T>(work: (opened: EmbeddedFile) => T | Promise<T>): Promise<T> {
		for (let files = 1; ; files++) {
			const opened = await openFile();
			const ended = await Promise.resolve(opened)
				.then(work)
				.then(
					(value) => ({ value }),
					(error: unknown) => ({ error }),
				);
			if ('value' in ended) return ended.value;
			if (files < maxFiles && !opened.isInPlace()) {
				leaveFile(opened);
				continue;
			}
			if (leavesHandleUnusable(ended.error)) await closeFile();
			throw embeddedStoreError(ended.error, opened.file);
		}
	}

	async function openFile(): Promise<EmbeddedFile> {
		if (closed) throw new TaskStoreError(`The task store ${settings.file} is closed.`);
		const current = (opening ??= openEmbeddedFile(settings, left));
		await current.catch((error: unknown) => {
			if (opening === current) opening = undefined;
			throw error;
		});
		return await current;
	}

	/** All work that was under way comes here; what comes first leaves the file for all. */
	function leaveFile(opened: EmbeddedFile): void {
		if (left === opened || !opened.isOpen()) return;
		left = opened;
		opening = undefined;
	}

	async function closeFile(): Promise<void> {
		const current = opening;
		opening = undefined;
		left?.leave(settings.tell);
		(await current?.catch(() => undefined))?.close();
	}
}
