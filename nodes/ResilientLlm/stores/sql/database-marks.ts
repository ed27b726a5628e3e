import { statSync } from 'node:fs';

/** Device and inode number: identifies a file even if another one gets its name later. Undefined: no such file. */
export type FileMark = string | undefined;

/**
 * An SQLite database in WAL mode consists of three files: the database, its write-ahead log (`-wal`), and the shared
 * memory index of that log (`-shm`).
 */
export interface DatabaseMarks {
	readonly main: FileMark;
	readonly wal: FileMark;
	readonly shm: FileMark;
}

/**
 * The marks of the files that now have the database's three names. While a handle has a file open, the file system does
 * not reuse its inode number, even after it was deleted; so an equal mark means the same file. Takes 7 µs (measured); a
 * commit takes 50 to 200 µs.
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
