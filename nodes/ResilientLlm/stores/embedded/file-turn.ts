import { closeSync, openSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { markOf } from '../sql/database-marks';
import { tried, type Tried } from '../tried';

/** How long a process waits for the lock, in ms. The event loop is blocked meanwhile. */
const patienceMs = 10_000;

/** How often the lock may be missed, because the process that held it before has just removed the lock file. */
const maxMissed = 100;

/**
 * A lock between processes: runs synchronous work while no other process opens, leaves or moves the database `file`.
 * Those take several steps, and SQLite's own locks only cover what follows them. The lock is an exclusive SQLite
 * transaction on the file `<file>-turn`, which the operating system releases when the process dies. Throws what the
 * work throws, or an SQLite error when the lock is not free within `patienceMs`.
 */
export function inTurn<T>(Database: typeof DatabaseSync, file: string, work: () => T): T {
	const turnFile = `${file}-turn`;
	for (let missed = 0; ; missed++) {
		// Created here because SQLite would make the file readable for all users, and its errors say less about the cause.
		closeSync(openSync(turnFile, 'a', 0o600));
		const before = markOf(turnFile);
		const isOurs = () => before !== undefined && markOf(turnFile) === before;
		const turn = new Database(turnFile, { timeout: patienceMs });
		const begun = tried(() => turn.exec('BEGIN EXCLUSIVE'));
		const isMissed = missed < maxMissed && !isOurs();
		const ended: Tried<T> | 'missed' = isMissed ? 'missed' : 'error' in begun ? begun : tried(work);
		// Some operating systems do not remove a file that is open; then the lock file stays, which does no harm.
		if (ended !== 'missed' && 'value' in begun) tried(() => rmSync(turnFile, { force: true }));
		turn.close();
		if (ended === 'missed') continue;
		if ('error' in ended) throw ended.error;
		return ended.value;
	}
}
