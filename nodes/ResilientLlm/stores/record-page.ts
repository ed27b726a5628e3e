import type { EpochMs } from '../engine/clock';
import type { TaskState } from '../engine/store/task-record';
import { TaskStoreError, type RecordQuery } from '../engine/store/task-store';

/** A position in a list that is sorted by instant and then key, newest first. */
export interface Position {
	readonly at: EpochMs;
	readonly key: string;
}

/**
 * The part of the list that a page may contain: from strictly below `below` (exclusive) down to `since` (inclusive).
 */
export interface PageBounds {
	readonly since: EpochMs;
	readonly below: Position;
	readonly limit: number;
}

export function pageBounds(query: RecordQuery): PageBounds {
	// The empty key sorts before every other one, so this position is below all records of its instant: the page begins
	// with the records before the instant.
	const before = { at: query.before === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(query.before), key: '' };
	return {
		since: Math.ceil(query.since ?? 0),
		below: query.cursor === undefined ? before : parseCursor(query.cursor),
		limit: Math.max(1, Math.floor(query.limit)),
	};
}

/** Whether `one` stands before `other` in a list with the newest first. */
export function comesBefore(one: Position, other: Position): boolean {
	return one.at > other.at || (one.at === other.at && one.key > other.key);
}

export function cursorAt({ at, key }: Position): string {
	return `${at}:${key}`;
}

function parseCursor(cursor: string): Position {
	const [, at, key] = /^(\d+):(.+)$/s.exec(cursor) ?? [];
	if (at === undefined || key === undefined)
		throw new TaskStoreError(`"${cursor.slice(0, 80)}" is not a page of the task store. Start again without a cursor.`);
	return { at: Number(at), key };
}

/**
 * Which stored rows of one state belong into a list. `held`: those whose `holds_until` is still to come. `over`: those
 * for which it has passed.
 */
export interface StateBranch {
	readonly state: TaskState;
	readonly part: 'all' | 'held' | 'over';
}

/**
 * Which stored rows show the given states; none given means all states. A pending review whose time is over is listed
 * as expired, even if it was not pruned yet.
 */
export function branchesOf(states: readonly TaskState[]): readonly StateBranch[] {
	const shows = (state: TaskState) => states.length === 0 || states.includes(state);
	const pending = shows('pending_human_review');
	const expired = shows('expired');
	return [
		...(['processing', 'answered', 'resolved', 'expired'] as const)
			.filter(shows)
			.map((state) => ({ state, part: 'all' as const })),
		...(pending || expired
			? [
					{
						state: 'pending_human_review' as const,
						part: pending && expired ? ('all' as const) : pending ? ('held' as const) : ('over' as const),
					},
				]
			: []),
	];
}
