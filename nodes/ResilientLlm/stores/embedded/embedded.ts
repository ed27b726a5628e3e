import type { WallClock } from '../../engine/clock';
import { TaskStoreError, type TaskStore } from '../../engine/store/task-store';
import { embeddedStoreError, leavesHandleUnusable } from './errors';
import { openEmbeddedFile, type EmbeddedFile, type EmbeddedFileSettings } from './file';
import { embeddedDialect, embeddedTables } from './schema';
import { defaultRecordRetentionMs } from '../record-retention';
import type { SqlDatabase, SqlValues } from '../sql/database';
import { createSqlTaskStore } from '../sql/task-store';

export interface EmbeddedStoreSettings extends EmbeddedFileSettings {
	/** Default: `Date.now`, because the instants in the file outlive the process. */
	readonly clock?: WallClock;
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

/**
 * A task store in one SQLite file, shared by the processes of one machine. The file is opened on first use, and opened
 * again after an error that may be temporary. If it is deleted or replaced while it is open, the store continues with
 * the file that has the name then, or with a new one.
 */
export function createEmbeddedTaskStore(settings: EmbeddedStoreSettings): TaskStore {
	return createSqlTaskStore(embeddedDatabase(settings), settings.recordRetentionMs ?? defaultRecordRetentionMs);
}

const moment = `WITH moment AS (SELECT ${embeddedDialect.clock} AS now)`;

/** How many files one operation is tried on at most, if the file is deleted or replaced again each time. */
const maxFiles = 5;

function embeddedDatabase({ clock = { now: () => Date.now() }, ...settings }: EmbeddedStoreSettings): SqlDatabase {
	let opening: Promise<EmbeddedFile> | undefined;
	/** A handle whose files were deleted or replaced. Opening the next file closes it. */
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
				// Checked before reading, because rows that were passed to `take` cannot be taken back.
				opened.assertInPlace();
				// The type definitions of Node.js do not cover rows as arrays.
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

	/**
	 * Runs an operation on the file. If the file turns out to have been deleted or replaced, runs it again on the one
	 * that is there now.
	 */
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

	/** Called by every operation that was in progress on the handle; only the first call has an effect. */
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
