import { accessSync, closeSync, constants, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { areSame, markOf, marksOf, type DatabaseMarks } from '../sql/database-marks';
import { embeddedStoreError } from './errors';
import { setUpDatabase } from './schema';
import { inTurn } from './file-turn';
import { settlePlace } from './former-place';
import { createGroupCommit, type GroupCommit, type Survives } from './group-commit';
import type { StoreNotice } from '../store-notice';

/**
 * How long a write waits for one of another process, in ms. The event loop is blocked meanwhile. With four processes
 * that write without a pause, the longest wait measured was 147 ms.
 */
const defaultBusyTimeoutMs = 3000;

/** How often opening is tried, if the file is replaced each time while it is being opened. */
const maxOpenings = 5;

export interface EmbeddedFileSettings {
	/** Absolute path. The folder is created if it does not exist. */
	readonly file: string;
	/** Where an earlier version of this package kept the file. If it is there, it is moved to `file`. */
	readonly formerFile?: string;
	/** Called with messages that do not belong to any single operation. */
	readonly tell?: (notice: StoreNotice) => void;
	/** For tests. Default `defaultBusyTimeoutMs`. */
	readonly busyTimeoutMs?: number;
	/** For tests: the largest size of the file in pages of 4 kB; beyond it writes fail as on a full disk. */
	readonly maxPages?: number;
}

export interface EmbeddedFile {
	/** Path of the file that is open: `file` of the settings, or the former place if it could not be moved. */
	readonly file: string;
	/** The prepared statement for a text; each text is prepared once. */
	statement(text: string): StatementSync;
	/** Like `statement`, with rows as arrays, which take a fraction of the time and memory of objects. */
	arrayStatement(text: string): StatementSync;
	/**
	 * Runs the work atomically, in one transaction with other writes of the same turn of the event loop; settles when it
	 * is committed. Rejects when the files were deleted or replaced by then, because the write is lost with them.
	 */
	readonly write: GroupCommit['write'];
	isOpen(): boolean;
	/** Whether the paths of the database still lead to the files that this handle has open. */
	isInPlace(): boolean;
	/** Throws when `isInPlace` is false. */
	assertInPlace(): void;
	/**
	 * Closes a handle whose files were deleted or replaced: saves what can be saved, and calls `tell` with what was lost.
	 */
	leave(tell?: EmbeddedFileSettings['tell']): void;
	/** Commits the waiting writes, then closes the handle. */
	close(): void;
}

/**
 * Opens the file. Creates it and its folder if they do not exist, accessible only to the user that runs n8n. `left`: a
 * handle whose files were deleted or replaced; it is closed first. Rejects with a `TaskStoreError`.
 */
export async function openEmbeddedFile(settings: EmbeddedFileSettings, left?: EmbeddedFile): Promise<EmbeddedFile> {
	const { file, formerFile, tell } = settings;
	const { DatabaseSync: Database } = await import('node:sqlite');
	let place = file;
	const open = async () => {
		mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
		return inTurn(Database, file, () => {
			left?.leave(tell);
			const settled = formerFile === undefined ? { file, notices: [] } : settlePlace(Database, { file, formerFile });
			for (const notice of settled.notices) tell?.(notice);
			place = settled.file;
			return openAt(place, settings, Database);
		});
	};
	return await open().catch((error: unknown) => {
		throw embeddedStoreError(error, place);
	});
}

function openAt(file: string, settings: EmbeddedFileSettings, Database: typeof DatabaseSync): EmbeddedFile {
	for (let openings = 1; ; openings++) {
		// Without a database file, a log and its index are left over from a database that was deleted.
		if (markOf(file) === undefined) removeBeside(file, '-wal', '-shm');
		makePrivateFile(file);
		const before = markOf(file);
		const database = new Database(file, { timeout: settings.busyTimeoutMs ?? defaultBusyTimeoutMs });
		setUpDatabase(database, file, settings.maxPages);
		const marks = { ...marksOf(file), main: before };
		if (areSame(marksOf(file), marks)) return embeddedFile(file, database, marks);
		if (openings === maxOpenings) {
			settings.tell?.({ kind: 'warning', words: unsteady(file) });
			return embeddedFile(file, database, 'unsteady');
		}
		leaveDatabase(file, database, marks);
	}
}

function unsteady(file: string): string {
	return (
		`The file system of the task store ${file} gives its files a new identity all the time, so nobody will notice when they ` +
		`are deleted or replaced while n8n runs. Keep them on a local disk.`
	);
}

function removeBeside(file: string, ...endings: readonly string[]): void {
	for (const ending of endings) rmSync(`${file}${ending}`, { force: true });
}

/**
 * Creates the file for this user only, or checks that it can be read and written. SQLite would make it readable for all
 * users; its log files get the mode of the database file.
 */
function makePrivateFile(file: string): void {
	const found = statSync(file, { throwIfNoEntry: false });
	// An existing file is only checked, not opened: closing it would release the POSIX locks that this process holds on
	// it through SQLite.
	if (found?.isFile() === true) accessSync(file, constants.R_OK | constants.W_OK);
	else closeSync(openSync(file, 'a', 0o600));
}

function embeddedFile(file: string, database: DatabaseSync, marks: DatabaseMarks | 'unsteady'): EmbeddedFile {
	const statements = new Map<string, StatementSync>();
	const statement = (text: string): StatementSync => {
		const known = statements.get(text);
		if (known !== undefined) return known;
		const prepared = database.prepare(text);
		prepared.setAllowUnknownNamedParameters(true);
		statements.set(text, prepared);
		return prepared;
	};
	let set: Survives = 'power cut';
	const isInPlace = () => database.isOpen && (marks === 'unsteady' || areSame(marksOf(file), marks));
	const assertInPlace = () => {
		if (!isInPlace()) throw new Error('it was deleted or replaced, again and again');
	};
	const { write, flush } = createGroupCommit({
		begin(survives) {
			if (survives !== set) statement(`PRAGMA synchronous = ${survives === 'power cut' ? 'FULL' : 'NORMAL'}`).run();
			set = survives;
			statement('BEGIN IMMEDIATE').run();
		},
		execute: (text) => void statement(text).run(),
		get isTransaction() {
			return database.isOpen && database.isTransaction;
		},
		committed: assertInPlace,
	});

	return {
		file,
		statement,
		arrayStatement(text) {
			const prepared = statement(text);
			prepared.setReturnArrays(true);
			return prepared;
		},
		write,
		isOpen: () => database.isOpen,
		isInPlace,
		assertInPlace,
		leave(tell) {
			if (!database.isOpen || marks === 'unsteady') return;
			const notice = leaveDatabase(file, database, marks);
			tell?.(notice);
		},
		close() {
			flush();
			if (database.isOpen) database.close();
		},
	};
}

function leaveDatabase(file: string, database: DatabaseSync, marks: DatabaseMarks): StoreNotice {
	const now = marksOf(file);
	const hasMain = now.main === marks.main;
	const hasLog = now.wal === marks.wal;
	// If only the log was deleted, its content is written back into the database, unless another process has begun a new
	// log.
	const isSaved = hasMain && (hasLog || (now.wal === undefined && writeBack(database)));
	// A new database must not find the old log, nor a new log the old index, so those are deleted. Their marks prove that
	// they are ours: no other file can get the same mark while this handle has them open.
	if (hasLog && !hasMain) removeBeside(file, '-wal');
	if (now.shm === marks.shm && !(hasMain && hasLog)) removeBeside(file, '-shm');
	database.close();
	return noticeOf(file, hasMain, isSaved, now.main === undefined);
}

function noticeOf(file: string, hasMain: boolean, isSaved: boolean, isGone: boolean): StoreNotice {
	if (isSaved) {
		const words =
			`A file beside the task store ${file} was deleted or replaced while n8n ran. Nothing was lost. Leave those that end ` +
			`in -wal and -shm alone.`;
		return { kind: 'warning', words };
	}
	const words = hasMain
		? `The log of the task store ${file} was replaced while n8n ran: the last answers, reviews and numbers may be lost.`
		: `The task store ${file} was deleted or replaced while n8n ran. What it held is lost unless you have a copy: stored ` +
			`answers, open reviews, the ledger. n8n goes on with ${isGone ? 'a new file' : 'the file that is there now'}.`;
	return { kind: 'loss', words };
}

function writeBack(database: DatabaseSync): boolean {
	try {
		return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0;
	} catch {
		return false;
	}
}
