import { TaskStoreError } from '../../engine/store/task-store';
import { errorCode, errorText, type Trouble } from '../connection-trouble';

/**
 * By the primary result code of SQLite (https://www.sqlite.org/rescode.html), which is the lowest 8 bits of the code.
 */
const sqliteTroubles: Readonly<Record<number, Trouble>> = {
	5: {
		what: 'is locked by another process',
		advice: 'It goes on by itself when that process is done; look for a backup or a tool that holds the file open.',
	},
	8: {
		what: 'may be read but not written',
		advice: 'Give the user that runs n8n the right to write the file and its folder.',
	},
	10: {
		what: 'cannot be read or written: the disk reports an error',
		advice: 'Check the disk. A network drive does not work; use Redis or PostgreSQL instead.',
	},
	11: {
		what: 'is damaged',
		advice:
			'Move the file away, together with those that end in -wal and -shm: a new store begins at once. Open reviews and stored answers are in the old one.',
	},
	13: { what: 'cannot grow because the disk is full', advice: 'Free some space; the store then goes on by itself.' },
	14: { what: 'cannot be opened', advice: 'Give the user that runs n8n the right to write the file and its folder.' },
	26: { what: 'is not a task store', advice: 'Move that file away: a new store begins at once.' },
};

const fileTroubles: Readonly<Record<string, Trouble>> = {
	EACCES: {
		what: 'may not be opened',
		advice: 'Give the user that runs n8n the right to write the file and its folder.',
	},
	EPERM: {
		what: 'may not be opened',
		advice: 'Give the user that runs n8n the right to write the file and its folder.',
	},
	EROFS: {
		what: 'is on a disk that can only be read',
		advice: 'Mount it for writing, or use Redis or PostgreSQL instead.',
	},
	ENOSPC: {
		what: 'cannot be made because the disk is full',
		advice: 'Free some space; the store then goes on by itself.',
	},
	ENOTDIR: { what: 'cannot be made: a part of its path is a file, not a folder', advice: 'Move that file away.' },
	EEXIST: { what: 'cannot be made: a part of its path is a file, not a folder', advice: 'Move that file away.' },
	EISDIR: { what: 'is a folder', advice: 'Move that folder away.' },
	ERR_INVALID_STATE: { what: 'is closed', advice: 'The next call opens it again.' },
};

export function embeddedStoreError(error: unknown, file: string): TaskStoreError {
	if (error instanceof TaskStoreError) return error;
	const resultCode = sqliteResultCode(error);
	const code = errorCode(error);
	const trouble = resultCode === undefined ? code && fileTroubles[code] : sqliteTroubles[resultCode];
	return new TaskStoreError(
		trouble
			? `The task store ${file} ${trouble.what}. ${trouble.advice}`
			: `The task store ${file} failed: ${errorText(error)}`,
	);
}

/**
 * Whether the file should be opened again after this error: it may be another file by then, or have become writable.
 */
export function leavesHandleUnusable(error: unknown): boolean {
	return [8, 10, 11, 14, 26].includes(sqliteResultCode(error) ?? 0);
}

function sqliteResultCode(error: unknown): number | undefined {
	return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
		? error.errcode & 0xff
		: undefined;
}
