import type { EpochMs } from '../clock';
import type { Deliveries, DeliveryTerms } from './deliveries';
import type { Ledger, LedgerEntry } from './ledger';
import type { Decision, FinishedRecord, Json, RunSummary, TaskIdentity, TaskRecord, TaskState } from './task-record';

/** The right to run a task, granted by `claim`. */
export interface Lease {
	readonly key: string;
	/** A random token, known only to the holder. Requests with another token are refused. */
	readonly owner: string;
	/** Until then no other run can claim the task. By the store's clock. */
	readonly until: EpochMs;
}

export type Claim =
	| { readonly kind: 'acquired'; readonly lease: Lease }
	| { readonly kind: 'inProgress'; readonly until: EpochMs }
	| { readonly kind: 'finished'; readonly record: FinishedRecord }
	/** The key exists, but with another input. */
	| { readonly kind: 'mismatch' };

export interface ClaimRequest {
	readonly identity: TaskIdentity;
	readonly owner: string;
	/** How long the lease lasts, in ms. Longer than the task's deadline, so that no running owner loses it. */
	readonly leaseMs: number;
}

/** An answer, kept to be replayed until its time to live is over. */
export interface Answer {
	readonly summary: RunSummary;
	/** Added to the ledger in the same step that stores the answer, or not at all. */
	readonly ledger: readonly LedgerEntry[];
	readonly payload: Json;
	readonly ttlMs: number;
}

/** An escalation, kept until a human has decided and the retention time is over. */
export interface Escalation {
	readonly summary: RunSummary;
	/** Added to the ledger in the same step that stores the review, or not at all. */
	readonly ledger: readonly LedgerEntry[];
	readonly payload: Json;
	/** Hash of the review link's token; the token itself is never stored. */
	readonly tokenHash: string;
	/** From now, in ms; null: never due. */
	readonly dueInMs: number | null;
	/** From now, in ms: after this an undecided review expires, and a decided one is forgotten. */
	readonly retentionMs: number;
}

/**
 * `lease_lost`: another run took the task over, or finished it. `gone`: the store has no record of the task any more,
 * because it was emptied, or dropped it to save memory, or because another run took the task over and released it. In
 * both cases nothing was written.
 */
export type Written = 'stored' | 'lease_lost' | 'gone';

export type DecisionResult =
	| { readonly kind: 'decided'; readonly record: Extract<TaskRecord, { state: 'resolved' }> }
	/** Another decision came first; the record holds it. */
	| { readonly kind: 'already_decided'; readonly record: Extract<TaskRecord, { state: 'resolved' }> }
	| { readonly kind: 'expired' }
	| { readonly kind: 'unknown' };

export interface RecordQuery {
	/** Any state when empty. */
	readonly states: readonly TaskState[];
	/** Only records whose run ended at or after this instant (for `processing`: started). */
	readonly since?: EpochMs;
	readonly before?: EpochMs;
	readonly workflowId?: string;
	/** Only reviews due at or before this instant. */
	readonly dueBefore?: EpochMs;
	/** Only decisions that are not delivered yet (see `Deliveries`). */
	readonly undelivered?: true;
	/** Whether reviews come with their payload; answers never do. Default true; false for reports that only count. */
	readonly payloads?: boolean;
	/** Newest first, at most this many. */
	readonly limit: number;
	/** The cursor of the page before. */
	readonly cursor?: string;
}

export interface RecordPage {
	readonly records: readonly TaskRecord[];
	/** Undefined: this was the last page. */
	readonly cursor?: string;
}

/**
 * Whether a failed operation may have taken effect. `nothing`: no, the store was not reached, or it refused. `unknown`:
 * the connection broke after the request was sent, so it may have been carried out.
 */
export type Effect = 'nothing' | 'unknown';

/** A failure of the store. The message is for the user: what is wrong, where, what to do. It contains no secret. */
export class TaskStoreError extends Error {
	override readonly name = 'TaskStoreError';
	readonly effect: Effect;
	constructor(message: string, effect: Effect = 'nothing') {
		super(message);
		this.effect = effect;
	}
}

/**
 * Stores tasks: which run works on them, how they ended, what a human decided. Every method rejects with a
 * `TaskStoreError` when the store cannot be reached or used; each write is atomic, so a crash leaves nothing
 * half-written.
 *
 * States: `processing` → `answered` | `pending_human_review` → `resolved` | `expired`. Durations come from the caller,
 * times from the store's own clock, so that machines with different clocks agree.
 *
 * A run's ledger lines are added together with its result, exactly once, and stay when its record is replaced or
 * deleted. Records written before the ledger existed are not in it.
 */
export interface TaskStore extends Ledger, Deliveries {
	/**
	 * Leases a task to one run, or says why not. A task can be claimed when its key is unknown, its lease has run out, or
	 * its answer or review has expired. One of many concurrent callers wins. An owner that claims again while it holds
	 * the lease gets it anew, so a claim whose reply was lost may be repeated.
	 */
	claim(request: ClaimRequest): Promise<Claim>;
	/**
	 * Stores an answer. Idempotent, like `escalate`: repeated when its reply was lost, it returns `stored` again. An
	 * owner whose lease has run out is refused only when another run took its place.
	 */
	complete(lease: Lease, answer: Answer): Promise<Written>;
	escalate(lease: Lease, escalation: Escalation): Promise<Written>;
	/** Releases a lease without a result, so that the next claim wins at once. A lost lease is no error. */
	release(lease: Lease): Promise<void>;
	/**
	 * Adds lines that belong to no stored result, such as the calls of a cancelled run. Not idempotent: a repeated call
	 * adds them again.
	 */
	addToLedger(entries: readonly LedgerEntry[]): Promise<void>;
	/**
	 * Records a run that needed no claim: its numbers when answered (`Answer.payload` null), its review when escalated.
	 * Never overwrites: if the key is taken, the record is stored as `<key>:<suffix>`. Idempotent for a review, which is
	 * recognised by its token; so it may be repeated when its reply was lost.
	 */
	note(
		identity: TaskIdentity,
		run: ({ readonly kind: 'answered' } & Answer) | ({ readonly kind: 'escalated' } & Escalation),
	): Promise<void>;
	get(key: string): Promise<TaskRecord | undefined>;
	/**
	 * Adds another link to a pending review, by the hash of its token. Links are not stored, so an existing one cannot be
	 * shown again. False when there is no such review.
	 */
	addReviewLink(key: string, tokenHash: string): Promise<boolean>;
	/** The review that belongs to a link, or the newest one with this task ID. */
	findReview(by: { readonly tokenHash: string } | { readonly taskId: string }): Promise<TaskRecord | undefined>;
	/**
	 * The first decision wins; every later caller gets that one. In the same atomic step it becomes undelivered, on these
	 * terms; null: no delivery, because no workflow waits for it.
	 */
	decide(key: string, decision: Decision, delivery: DeliveryTerms | null): Promise<DecisionResult>;
	list(query: RecordQuery): Promise<RecordPage>;
	/**
	 * Expires reviews whose time is over; deletes answers, records and ledger lines whose retention time is over. Returns
	 * the number of records changed or deleted.
	 */
	prune(): Promise<number>;
	close(): Promise<void>;
}
