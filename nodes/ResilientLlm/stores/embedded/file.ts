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
 * How long a write waits for another process's, in ms; the event loop stands still meanwhile. With four processes
 * writing without a pause, the longest wait measured was 147 ms.
 */
const defaultBusyTimeoutMs = 3000;

/** Somebody may replace the file just while it is opened, but hardly again and again. */
const maxOpenings = 5;

export interface EmbeddedFileSettings {
	/** Absolute path. The folder is made when it is missing. */
	readonly file: string;
	/** Where an earlier version of this package kept it: it is moved from there. */
	readonly formerFile?: string;
	/** Hears what no single operation is to blame for. */
	readonly tell?: (notice: StoreNotice) => void;
	/** For tests; see `defaultBusyTimeoutMs`. */
	readonly busyTimeoutMs?: number;
	/** For tests: the file may have so many pages (4 kB each), as if the disk were full then. */
	readonly maxPages?: number;
}

export interface EmbeddedFile {
	/** Where it is. */
	readonly file: string;
	/** Prepares each text once. */
	statement(text: string): StatementSync;
	/** Its rows are arrays, which take a fraction of an object's time and memory. */
	arrayStatement(text: string): StatementSync;
	/**
	 * Does the work, all or nothing, together with other work of this turn; settles when it is on the disk. Rejects when
	 * the files were deleted or replaced by then: nobody will ever see what was written.
	 */
	readonly write: GroupCommit['write'];
	isOpen(): boolean;
	/** Whether the database's names are still those of the files that this handle has open. */
	isInPlace(): boolean;
	/** Throws when they are not. */
	assertInPlace(): void;
	/** Closes a handle whose files were deleted or replaced, saves what can be saved, and tells what was lost. */
	leave(tell?: EmbeddedFileSettings['tell']): void;
	/** What waits is written first. */
	close(): void;
}

/**
 * Opens the file, making it and its folder where they are missing, private to the user that runs n8n. `left`: a handle
 * whose files were deleted or replaced; it is closed first.
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
		// Without a database, they belong to one that was deleted.
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

/** SQLite would make the file readable for all; its log files take over the file's mode. */
function makePrivateFile(file: string): void {
	const found = statSync(file, { throwIfNoEntry: false });
	// A file that is there is not opened: to close it would end the locks that this process holds on it through SQLite.
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
	// Where only the log is gone, what it held goes back into the database, unless another process has begun a new log.
	const isSaved = hasMain && (hasLog || (now.wal === undefined && writeBack(database)));
	// No other database may find this one's log, and no other log its index. While they are open, nobody else's file has
	// their marks.
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
