import { createHash, randomUUID } from 'node:crypto';

import type { EpochMs } from '../../engine/clock';
import type { Decision, TaskIdentity, TaskState } from '../../engine/store/task-record';
import { TaskStoreError, type Answer, type Escalation } from '../../engine/store/task-store';

/**
 * A task as every adapter keeps it: a column for what a store compares or sorts by, JSON for what it only hands back.
 * The names are those of the SQL columns and of the Redis hash fields.
 */
export interface TaskRow {
	readonly key: string;
	readonly state: TaskState;
	readonly fingerprint: string;
	/**
	 * Who claimed it. It stays when the run ended, so that an owner whose write was not confirmed may repeat it. Null:
	 * noted.
	 */
	readonly owner: string | null;
	/** JSON of the rest of the `TaskIdentity`. */
	readonly identity: string;
	readonly started_at: EpochMs;
	/** When the run ended; while it lasts, when it started. Lists are sorted by it. */
	readonly happened_at: EpochMs;
	/** Until then the key is taken: by a lease, by an answer to replay, by a review. */
	readonly holds_until: EpochMs;
	readonly due_at: EpochMs | null;
	readonly token_hash: string | null;
	readonly verdict: Decision['decision'] | null;
	readonly responded_at: EpochMs | null;
	/** JSON of the `RunSummary`. */
	readonly summary: string | null;
	/** JSON of what the human wrote. Content: it goes when `holds_until` has passed. */
	readonly response: string | null;
	/** JSON. Content: it goes when `holds_until` has passed. */
	readonly payload: string | null;
	/** Whether its decision is still on the way to a workflow. */
	readonly undelivered: boolean;
}

/** As a database hands it out: numbers may be text, and null may be missing. */
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
	/** Finds a task ID of any length and content through an index. */
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

/** What the end of a run writes. Durations in ms, from the instant the store writes it. */
export interface EndColumns {
	readonly state: 'answered' | 'pending_human_review';
	readonly summary: string;
	readonly payload: string | null;
	readonly token_hash: string | null;
	readonly due_in: number | null;
	/** 0 for numbers without an answer: there is nothing to replay, so the key is free at once. */
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

/** The databases count in whole milliseconds. */
export function wholeMs(ms: number): number {
	return Math.ceil(ms);
}

/** JSON of the part of a decision that is content. */
export function responseColumn({ output, reviewer, comment }: Decision): string {
	return JSON.stringify({ output, reviewer, comment });
}

/** The key of a note whose own key is taken. That of a review is always the same, so that a repeated note finds it. */
export function keyBeside(key: string, run: RunEnd): string {
	return `${key}:${run.kind === 'escalated' ? hashOf(run.tokenHash).slice(0, 36) : randomUUID()}`;
}

export function unreadable(key: string, column: string): TaskStoreError {
	return new TaskStoreError(
		`The task store's record ${key} cannot be read: its ${column} is damaged. Delete that record; its task runs again.`,
	);
}
