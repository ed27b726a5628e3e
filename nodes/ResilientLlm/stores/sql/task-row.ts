import { createHash, randomUUID } from 'node:crypto';

import type { EpochMs } from '../../engine/clock';
import type { Decision, TaskIdentity, TaskState } from '../../engine/store/task-record';
import { TaskStoreError, type Answer, type Escalation } from '../../engine/store/task-store';

/**
 * A task as every store keeps it: separate columns for the values that a store compares or sorts by, and JSON for those
 * that it only returns. The names are those of the SQL columns and of the Redis hash fields.
 */
export interface TaskRow {
	readonly key: string;
	readonly state: TaskState;
	readonly fingerprint: string;
	/**
	 * The token of the owner that claimed the task. Kept after the run ended, so that an owner whose write was not
	 * confirmed may repeat it. Null: the run was noted without a claim.
	 */
	readonly owner: string | null;
	/** JSON of task ID and origin: the parts of the `TaskIdentity` that have no column of their own. */
	readonly identity: string;
	readonly started_at: EpochMs;
	/** When the run ended; while it is in progress, when it started. Lists are sorted by this. */
	readonly happened_at: EpochMs;
	/** Until this instant the key is taken: by a lease, an answer that can be replayed, or a review. */
	readonly holds_until: EpochMs;
	readonly due_at: EpochMs | null;
	readonly token_hash: string | null;
	readonly verdict: Decision['decision'] | null;
	readonly responded_at: EpochMs | null;
	/** JSON of the `RunSummary`. */
	readonly summary: string | null;
	/** JSON of the reviewer's output, name and comment. Deleted once `holds_until` has passed. */
	readonly response: string | null;
	/** JSON of the answer, or of what the reviewer gets to see. Deleted once `holds_until` has passed. */
	readonly payload: string | null;
	/** True while the decision was not delivered to a workflow yet. */
	readonly undelivered: boolean;
}

/** A row as a database returns it: numbers may be strings, and columns that are null may be missing. */
export type RawRow = Readonly<Record<string, unknown>>;

export function readRow(raw: RawRow): TaskRow {
	return {
		key: text(raw, 'key'),
		state: text(raw, 'state') as TaskState,
		fingerprint: text(raw, 'fingerprint'),
		owner: textOrNull(raw, 'owner'),
		identity: text(raw, 'identity'),
		started_at: Number(raw.started_at),
		happened_at: Number(raw.happened_at),
		holds_until: Number(raw.holds_until),
		due_at: numberOrNull(raw, 'due_at'),
		token_hash: textOrNull(raw, 'token_hash'),
		verdict: textOrNull(raw, 'verdict') as Decision['decision'] | null,
		responded_at: numberOrNull(raw, 'responded_at'),
		summary: textOrNull(raw, 'summary'),
		response: textOrNull(raw, 'response'),
		payload: textOrNull(raw, 'payload'),
		undelivered: Number(raw.undelivered ?? 0) === 1,
	};
}

function text(raw: RawRow, column: string): string {
	const value = raw[column];
	if (typeof value !== 'string') throw unreadable(String(raw.key), column);
	return value;
}

function textOrNull(raw: RawRow, column: string): string | null {
	const value = raw[column];
	return typeof value === 'string' ? value : null;
}

function numberOrNull(raw: RawRow, column: string): number | null {
	const value = raw[column];
	return value === null || value === undefined ? null : Number(value);
}

export interface IdentityColumns {
	readonly key: string;
	readonly fingerprint: string;
	/** SHA-256 of the task ID, so that an index can find task IDs of any length and content. */
	readonly task_hash: string;
	readonly workflow_id: string;
	readonly identity: string;
}

export function identityColumns({ key, fingerprint, taskId, origin }: TaskIdentity): IdentityColumns {
	return {
		key,
		fingerprint,
		task_hash: taskHash(taskId),
		workflow_id: origin.workflowId,
		identity: JSON.stringify({ taskId, origin }),
	};
}

export function taskHash(taskId: string): string {
	return hashOf(taskId);
}

function hashOf(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}

export type RunEnd = ({ readonly kind: 'answered' } & Answer) | ({ readonly kind: 'escalated' } & Escalation);

/**
 * The values that the end of a run writes. Durations are in ms and count from the instant at which the store writes
 * them.
 */
export interface EndColumns {
	readonly state: 'answered' | 'pending_human_review';
	readonly summary: string;
	readonly payload: string | null;
	readonly token_hash: string | null;
	readonly due_in: number | null;
	/** 0 when only numbers are stored, without an answer: there is nothing to replay, so the key is free at once. */
	readonly hold_for: number;
}

export function endColumns(run: RunEnd): EndColumns {
	const payload = run.payload === null ? null : JSON.stringify(run.payload);
	const summary = JSON.stringify(run.summary);
	return run.kind === 'answered'
		? {
				state: 'answered',
				summary,
				payload,
				token_hash: null,
				due_in: null,
				hold_for: payload === null ? 0 : wholeMs(run.ttlMs),
			}
		: {
				state: 'pending_human_review',
				summary,
				payload,
				token_hash: run.tokenHash,
				due_in: run.dueInMs === null ? null : wholeMs(run.dueInMs),
				hold_for: wholeMs(run.retentionMs),
			};
}

/** Rounds up, because the stores keep durations as whole milliseconds. */
export function wholeMs(ms: number): number {
	return Math.ceil(ms);
}

/** JSON of the parts of a decision that are deleted when its time is over: output, reviewer and comment. */
export function responseColumn({ output, reviewer, comment }: Decision): string {
	return JSON.stringify({ output, reviewer, comment });
}

/**
 * The key for a noted run whose own key is taken: `<key>:<suffix>`. For a review the suffix is derived from its link,
 * so that a repeated note gets the same key; otherwise it is random.
 */
export function keyBeside(key: string, run: RunEnd): string {
	return `${key}:${run.kind === 'escalated' ? hashOf(run.tokenHash).slice(0, 36) : randomUUID()}`;
}

export function unreadable(key: string, column: string): TaskStoreError {
	return new TaskStoreError(
		`The task store's record ${key} cannot be read: its ${column} is damaged. Delete that record; its task runs again.`,
	);
}
