import type { EpochMs } from '../engine/clock';
import type { TaskState } from '../engine/store/task-record';
import { TaskStoreError, type RecordQuery } from '../engine/store/task-store';

/** A place in a list that is sorted by instant and key, newest first. */
export interface Position {
	readonly at: EpochMs;
	readonly key: string;
}

/** The part of the list that a page may show: strictly below `below`, down to `since`. */
export interface PageBounds {
	readonly since: EpochMs;
	readonly below: Position;
	readonly limit: number;
}

export function pageBounds(query: RecordQuery): PageBounds {
	// No key sorts before the empty one, so this is every record before the instant, and none of that instant.
	const before = { at: query.before === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(query.before), key: '' };
	return {
		since: Math.ceil(query.since ?? 0),
		below: query.cursor === undefined ? before : parseCursor(query.cursor),
		limit: Math.max(1, Math.floor(query.limit)),
	};
}

/** Newest first. */
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

/** Stored rows of one state, of which `part` shows. */
export interface StateBranch {
	readonly state: TaskState;
	readonly part: 'all' | 'held' | 'over';
}

/** A pending review whose time is over shows as expired, even when nobody has pruned it yet. */
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
