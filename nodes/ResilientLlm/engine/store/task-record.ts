import type { Attempt } from '../attempt';
import type { EpochMs } from '../clock';
import type { ReasonCode } from '../outcome';

/** A value that survives `JSON.stringify` and `JSON.parse`. Stores treat it as opaque. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Identifies a task, in whichever execution or process it runs. */
export interface TaskIdentity {
	/** Key of the record in the store: a hash of workflow, node and task ID, so that two nodes never share a record. */
	readonly key: string;
	/** The ID that the user sees. */
	readonly taskId: string;
	/** Hash of the task's whole input. The same key with another fingerprint means another task. */
	readonly fingerprint: string;
	readonly origin: TaskOrigin;
}

export interface TaskOrigin {
	readonly workflowId: string;
	readonly workflowName: string;
	readonly nodeId: string;
	readonly nodeName: string;
	readonly executionId: string;
}

/** The numbers of a finished run, without prompt and answer. */
export interface RunSummary {
	readonly tier: 1 | 2 | 3;
	/** Null for an answered task. */
	readonly reasonCode: ReasonCode | null;
	/** The provider that answered; null for an escalated task. */
	readonly provider: string | null;
	readonly model: string | null;
	readonly attempts: readonly Attempt[];
	/** USD; null: unknown. */
	readonly costUsd: number | null;
	/** See `LedgerEntry`. Null also in records written by an older version of this package. */
	readonly extraCostUsd: number | null;
	readonly latencyMs: number;
}

/** A human's decision about a review. */
export interface Decision {
	readonly decision: 'approve' | 'edit' | 'answer' | 'reject';
	/** The answer that the workflow gets; null when it was rejected. */
	readonly output: Json;
	readonly reviewer: string;
	readonly comment: string;
}

export interface SettledDecision extends Decision {
	/** By the store's clock. */
	readonly respondedAt: EpochMs;
	/** The token hash of its review: the same in every execution and process. */
	readonly decisionId: string;
	/** See `Deliveries`. */
	readonly delivered: boolean;
}

interface RecordBase {
	readonly identity: TaskIdentity;
	readonly startedAt: EpochMs;
}

interface FinishedBase extends RecordBase {
	readonly summary: RunSummary;
	readonly endedAt: EpochMs;
	/** Null once the content was deleted because its retention time was over. */
	readonly payload: Json;
}

interface ReviewBase extends FinishedBase {
	readonly tokenHash: string;
	readonly dueAt: EpochMs | null;
	readonly expiresAt: EpochMs;
}

export type FinishedRecord =
	| (FinishedBase & { readonly state: 'answered' })
	| (ReviewBase & { readonly state: 'pending_human_review' })
	| (ReviewBase & { readonly state: 'resolved'; readonly decision: SettledDecision });

export type TaskRecord =
	| FinishedRecord
	| (RecordBase & { readonly state: 'processing'; readonly until: EpochMs })
	| (ReviewBase & { readonly state: 'expired' });

export type TaskState = TaskRecord['state'];
