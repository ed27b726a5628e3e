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
 * Moves the file from its former place, once. Only to be called in turn (see `inTurn`): of many processes one moves it.
 * A process of the earlier version that has the file open keeps it where it is, for all: two files would know different
 * tasks. A crash at any moment loses nothing: the next process goes on.
 */
export function settlePlace(Database: Sqlite, places: Places): Settled {
	const { file, formerFile } = places;
	if (existsSync(tidyingMark(places))) tidyFormerFolders(places);
	if (!existsSync(dirname(formerFile))) return { file, notices: [] };
	const settled = tried(() => (existsSync(file) ? besideTheFormer(places) : moved(Database, places)));
	if ('value' in settled) return settled.value;
	const why = embeddedStoreError(settled.error, formerFile).message;
	// A new file would hide what was parked.
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
	// Left by a process that ended between the last two steps of the move.
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

/** Takes the file away from its former place, with all its writes in it. False when somebody else has it open. */
function park(Database: Sqlite, places: Places): boolean {
	const database = new Database(places.formerFile, { timeout: 0 });
	const parked = tried(() => {
		// Writes the log back into the file and removes it. SQLite does so only for whoever has the file alone.
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
 * Copies what was parked, because a process of the earlier version may be about to open it in this moment: it would go
 * on writing into a file that was merely renamed, with a log in another place.
 */
function copyParked(Database: Sqlite, places: Places): void {
	const copy = `${places.file}-copy`;
	const parked = new Database(parkedFile(places));
	const copied = tried(() => {
		// SQLite would make it readable for all.
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

/** Removes the former folders of this package, but only empty ones: `storage` is also a folder of n8n. */
function tidyFormerFolders(places: Places): void {
	const folder = dirname(places.formerFile);
	// A process that ends after the first removal leaves a `storage` that nobody could tell to be ours.
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
	// Folders cannot be synced everywhere.
	tried(() => fsyncSync(opened));
	closeSync(opened);
}

function isBusy(error: unknown): boolean {
	return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
}
