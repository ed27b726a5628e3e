import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { TaskStoreError } from '../../engine/store/task-store';
import { embeddedStoreError } from './errors';
import type { StoreNotice } from '../store-notice';
import { tried } from '../tried';

type Sqlite = typeof DatabaseSync;

/** Where the store is, and where an earlier version of this package kept it. Absolute paths. */
export interface Places {
	readonly file: string;
	readonly formerFile: string;
}

export interface Settled {
	/** The file to use. */
	readonly file: string;
	readonly notices: readonly StoreNotice[];
}

/**
 * Moves the database from the place where an earlier version kept it, once, and says which file to use. Call it only
 * within `inTurn`, so that one process moves it. If a process of the earlier version has the file open, it stays where
 * it is for all processes: with two files, one would not know the tasks of the other. After a crash at any step the
 * next process continues the move, and nothing is lost. Throws a `TaskStoreError` if the move was begun and cannot be
 * finished.
 */
export function settlePlace(Database: Sqlite, places: Places): Settled {
	const { file, formerFile } = places;
	if (existsSync(tidyingMark(places))) tidyFormerFolders(places);
	if (!existsSync(dirname(formerFile))) return { file, notices: [] };
	const settled = tried(() => (existsSync(file) ? besideTheFormer(places) : moved(Database, places)));
	if ('value' in settled) return settled.value;
	const why = embeddedStoreError(settled.error, formerFile).message;
	// The database was already taken away from its former place. Starting with a new file would hide it, so fail instead.
	if (existsSync(parkedFile(places))) throw new TaskStoreError(`It could not be moved to ${file}. ${why}`);
	const words = `The task store stays at ${formerFile}, because it could not be moved to ${file}: ${why}`;
	return { file: formerFile, notices: [{ kind: 'warning', words }] };
}

function moved(Database: Sqlite, places: Places): Settled {
	const { file, formerFile } = places;
	const isParked = existsSync(parkedFile(places));
	if (!isParked && !existsSync(formerFile)) {
		tidyFormerFolders(places);
		return { file, notices: [] };
	}
	if (!isParked && !park(Database, places)) {
		return { file: formerFile, notices: [{ kind: 'warning', words: inUse(places) }] };
	}
	copyParked(Database, places);
	tidyFormerFolders(places);
	return { file, notices: [{ kind: 'information', words: `The task store was moved from ${formerFile} to ${file}.` }] };
}

function besideTheFormer(places: Places): Settled {
	const { file, formerFile } = places;
	// Left over if a process ended after the copy was put in place and before the parked file was removed.
	removeDatabase(parkedFile(places));
	tidyFormerFolders(places);
	if (!existsSync(formerFile)) return { file, notices: [] };
	const words =
		`An earlier version of this package keeps a task store of its own at ${formerFile}: what it answers and whom it asks ` +
		`is not known here. Update the package in every process of n8n and restart them all; then move that file away.`;
	return { file, notices: [{ kind: 'warning', words }] };
}

function inUse({ file, formerFile }: Places): string {
	return (
		`The task store stays at ${formerFile} for now, because another process has it open. To move it to ${file}, stop all ` +
		`processes of n8n, then start them again.`
	);
}

/**
 * Renames the file to its parked name, with its log written back into it. Returns false when another process has it
 * open.
 */
function park(Database: Sqlite, places: Places): boolean {
	const database = new Database(places.formerFile, { timeout: 0 });
	const parked = tried(() => {
		// Writes the log back into the file and deletes the log. SQLite does this only when no other connection has the
		// file open.
		database.exec('PRAGMA journal_mode = DELETE');
		database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
		renameSync(places.formerFile, parkedFile(places));
	});
	database.close();
	if ('value' in parked) return true;
	if (isBusy(parked.error)) return false;
	throw parked.error;
}

/**
 * Copies the parked file to its new place. It is not just renamed, because a process of the earlier version may be
 * opening it at this moment: that process would go on writing into the renamed file, with a log in another folder.
 */
function copyParked(Database: Sqlite, places: Places): void {
	const copy = `${places.file}-copy`;
	const parked = new Database(parkedFile(places));
	const copied = tried(() => {
		// Created here because SQLite would make the copy readable for all users.
		closeSync(openSync(copy, 'w', 0o600));
		parked.prepare('VACUUM INTO ?').run(copy);
		syncToDisk(copy);
	});
	parked.close();
	if ('error' in copied) {
		tried(() => rmSync(copy, { force: true }));
		if (!existsSync(places.formerFile)) renameSync(parkedFile(places), places.formerFile);
		throw copied.error;
	}
	renameSync(copy, places.file);
	syncToDisk(dirname(places.file));
	removeDatabase(parkedFile(places));
}

function parkedFile({ formerFile }: Places): string {
	return `${formerFile}-moving`;
}

function removeDatabase(file: string): void {
	for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${ending}`, { force: true });
}

/** Removes the former folders of this package if they are empty: n8n has a folder `storage` too. */
function tidyFormerFolders(places: Places): void {
	const folder = dirname(places.formerFile);
	// Marks that the removal has begun: if the process ends after the first removal, nothing else shows that the empty
	// `storage` was made by this package.
	tried(() => writeFileSync(tidyingMark(places), ''));
	tried(() => rmdirSync(folder));
	if (!existsSync(folder)) tried(() => rmdirSync(dirname(folder)));
	rmSync(tidyingMark(places), { force: true });
}

function tidyingMark({ file }: Places): string {
	return `${file}-tidying`;
}

function syncToDisk(path: string): void {
	const opened = openSync(path, 'r');
	// Some systems cannot fsync a folder; then this is skipped.
	tried(() => fsyncSync(opened));
	closeSync(opened);
}

function isBusy(error: unknown): boolean {
	return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
}
