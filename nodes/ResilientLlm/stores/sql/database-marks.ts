import { statSync } from 'node:fs';

/** Tells a file from any other that has its name later; undefined: there is none. */
export type FileMark = string | undefined;

/** A database is three files: itself, the log of its last writes, and the index of that log. */
export interface DatabaseMarks {
	readonly main: FileMark;
	readonly wal: FileMark;
	readonly shm: FileMark;
}

/**
 * Which files have the names of a database now. While a handle is open, no other file can get the mark of one that the
 * handle has open, even when that was deleted. Takes 7 µs (measured), where a commit takes 50 to 200.
 */
export function marksOf(file: string): DatabaseMarks {
	return { main: markOf(file), wal: markOf(`${file}-wal`), shm: markOf(`${file}-shm`) };
}

export function areSame(one: DatabaseMarks, other: DatabaseMarks): boolean {
	return one.main === other.main && one.wal === other.wal && one.shm === other.shm;
}

export function markOf(path: string): FileMark {
	const found = statSync(path, { bigint: true, throwIfNoEntry: false });
	return found && `${found.dev}:${found.ino}`;
}
