import type { EpochMs } from '../../engine/clock';
import type {
	Decision,
	FinishedRecord,
	Json,
	RunSummary,
	TaskIdentity,
	TaskOrigin,
	TaskRecord,
} from '../../engine/store/task-record';
import type { Claim, DecisionResult, Written } from '../../engine/store/task-store';
import { unreadable, type RunEnd, type TaskRow } from './task-row';

/**
 * The record that a row stands for at an instant. Content whose time is over is left out (null), whether or not it was
 * pruned yet.
 */
export function recordOf(row: TaskRow, now: EpochMs): TaskRecord {
	const { taskId, origin } = fromJson(row, 'identity') as { taskId: string; origin: TaskOrigin };
	const identity: TaskIdentity = { key: row.key, taskId, fingerprint: row.fingerprint, origin };
	if (row.state === 'processing')
		return { state: 'processing', identity, startedAt: row.started_at, until: row.holds_until };

	const over = row.holds_until <= now;
	const finished = {
		identity,
		startedAt: row.started_at,
		endedAt: row.happened_at,
		// Versions before the ledger stored no extra cost.
		summary: { extraCostUsd: null, ...(fromJson(row, 'summary') as Omit<RunSummary, 'extraCostUsd'>) },
		payload: over || row.payload === null ? null : (fromJson(row, 'payload') as Json),
	};
	if (row.state === 'answered') return { ...finished, state: 'answered' };

	const review = { ...finished, tokenHash: row.token_hash ?? '', dueAt: row.due_at, expiresAt: row.holds_until };
	if (row.state !== 'resolved') return { ...review, state: over ? 'expired' : 'pending_human_review' };

	const response =
		over || row.response === null ? forgottenResponse : (fromJson(row, 'response') as typeof forgottenResponse);
	const decision = {
		...response,
		decision: row.verdict ?? 'reject',
		respondedAt: row.responded_at ?? row.happened_at,
		decisionId: review.tokenHash,
		delivered: !row.undelivered,
	};
	return { ...review, state: 'resolved', decision };
}

function fromJson(row: TaskRow, column: 'identity' | 'summary' | 'response' | 'payload'): unknown {
	const value = parsed(row[column] ?? 'null');
	if (value === undefined) throw unreadable(row.key, column);
	return value;
}

function parsed(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return undefined;
	}
}

const forgottenResponse: Omit<Decision, 'decision'> = { output: null, reviewer: '', comment: '' };

/** Why a review was not decided. */
export function refusedDecision(row: TaskRow, now: EpochMs): Exclude<DecisionResult, { kind: 'decided' }> {
	if (row.state === 'processing' || row.state === 'answered') return { kind: 'unknown' };
	const record = recordOf(row, now);
	return record.state === 'resolved' && row.holds_until > now
		? { kind: 'already_decided', record }
		: { kind: 'expired' };
}

/**
 * Why the end of a run was not written. `stored`: this owner wrote the same kind of end before, so the call was a
 * repetition. `lease_lost`: another owner has the task by now.
 */
export function refusedEnd(
	row: Pick<TaskRow, 'owner' | 'state'>,
	owner: string,
	{ kind }: RunEnd,
): Exclude<Written, 'gone'> {
	const isOurs = row.owner === owner && row.state !== 'processing';
	return isOurs && (row.state === 'answered') === (kind === 'answered') ? 'stored' : 'lease_lost';
}

/**
 * Why a claim failed: the record of the key has another fingerprint, another run is in progress, or the task is
 * finished.
 */
export function refusedClaim(row: TaskRow, fingerprint: string, now: EpochMs): Claim {
	if (row.fingerprint !== fingerprint) return { kind: 'mismatch' };
	if (row.state === 'processing') return { kind: 'inProgress', until: row.holds_until };
	return { kind: 'finished', record: recordOf(row, now) as FinishedRecord };
}
