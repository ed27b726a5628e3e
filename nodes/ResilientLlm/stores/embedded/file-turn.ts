import { closeSync, openSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { markOf } from '../sql/database-marks';
import { tried, type Tried } from '../tried';

/** How long a process waits for its turn, in ms; the event loop stands still meanwhile. */
const patienceMs = 10_000;

/** The turn may be missed so often because whoever had it before has just removed the file that it hangs on. */
const maxMissed = 100;

/**
 * Lets one process at a time open a database, leave it or move it: these take several steps, and SQLite's own locks
 * begin only after them. The work must not pause. A process that ends gives up its turn with its life.
 */
export function inTurn<T>(Database: typeof DatabaseSync, file: string, work: () => T): T {
	const turnFile = `${file}-turn`;
	for (let missed = 0; ; missed++) {
		// SQLite would make it readable for all, and says less about what is wrong.
		closeSync(openSync(turnFile, 'a', 0o600));
		const before = markOf(turnFile);
		const isOurs = () => before !== undefined && markOf(turnFile) === before;
		const turn = new Database(turnFile, { timeout: patienceMs });
		const begun = tried(() => turn.exec('BEGIN EXCLUSIVE'));
		const isMissed = missed < maxMissed && !isOurs();
		const ended: Tried<T> | 'missed' = isMissed ? 'missed' : 'error' in begun ? begun : tried(work);
		// Some systems keep a file that is open; then it stays, which harms nobody.
		if (ended !== 'missed' && 'value' in begun) tried(() => rmSync(turnFile, { force: true }));
		turn.close();
		if (ended === 'missed') continue;
		if ('error' in ended) throw ended.error;
		return ended.value;
	}
}
