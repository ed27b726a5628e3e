import type { EpochMs } from '../clock';
import type { Deliveries, DeliveryTerms } from './deliveries';
import type { Ledger, LedgerEntry } from './ledger';
import type { Decision, FinishedRecord, Json, RunSummary, TaskIdentity, TaskRecord, TaskState } from './task-record';

/** The right to run a task. */
export interface Lease {
	readonly key: string;
	/** A random token, known to the holder alone. Whoever holds another one is refused. */
	readonly owner: string;
	/** Until then nobody else gets the right. By the store's clock. */
	readonly until: EpochMs;
}

export type Claim =
	| { readonly kind: 'acquired'; readonly lease: Lease }
	| { readonly kind: 'inProgress'; readonly until: EpochMs }
	| { readonly kind: 'finished'; readonly record: FinishedRecord }
	/** The same key, but another input. */
	| { readonly kind: 'mismatch' };

export interface ClaimRequest {
	readonly identity: TaskIdentity;
	readonly owner: string;
	/** How long the right lasts, in ms. Longer than the task's deadline, so that no live owner loses it. */
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
 * `lease_lost`: somebody else took the task over, or finished it. `gone`: the store holds no record of the task any
 * more, because it was emptied, or dropped it to save memory, or because whoever took the task over gave it up. In both
 * cases nothing was written.
 */
export type Written = 'stored' | 'lease_lost' | 'gone';

export type DecisionResult =
	| { readonly kind: 'decided'; readonly record: Extract<TaskRecord, { state: 'resolved' }> }
	/** Somebody was faster; the record holds what they decided. */
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
	/** Only decisions that no execution has ended with yet. */
	readonly undelivered?: true;
	/**
	 * Whether reviews come with their payload; answers come without theirs in any case. Default true; a report that only
	 * counts says false.
	 */
	readonly payloads?: boolean;
	/** Newest first, at most this many. */
	readonly limit: number;
	/** Where the page before ended. */
	readonly cursor?: string;
}

export interface RecordPage {
	readonly records: readonly TaskRecord[];
	/** Undefined: this was the last page. */
	readonly cursor?: string;
}

/**
 * What a store that failed has done all the same. `nothing`: it was not reached, or it refused. `unknown`: it was
 * asked, and the connection broke before its answer came, so the work may be done.
 */
export type Effect = 'nothing' | 'unknown';

/** A store that could not do its work, in words for the user: what is wrong, where, what to do. No secret in it. */
export class TaskStoreError extends Error {
	override readonly name = 'TaskStoreError';
	readonly effect: Effect;
	constructor(message: string, effect: Effect = 'nothing') {
		super(message);
		this.effect = effect;
	}
}

/**
 * Remembers tasks: who works on them, how they ended, what a human said. Every method rejects with a `TaskStoreError`
 * when the store cannot be reached or used; each write is one atomic step, so a crash leaves no half of it.
 *
 * States: `processing` → `answered` | `pending_human_review` → `resolved` | `expired`. Durations come from the caller,
 * instants from the store's own clock, so that machines with different clocks agree.
 *
 * The ledger counts what was written through it: a run's lines are there as soon as its result is, once, and stay when
 * its record is replaced or forgotten. What records held before there was a ledger is not in it.
 */
export interface TaskStore extends Ledger, Deliveries {
	/**
	 * Wins the right to run a task, or says why not. Free to win: an unknown key, a lease that ran out, an answer or a
	 * review whose time is over. One of many concurrent callers wins. An owner that claims again while it holds the lease
	 * gets it anew: a claim whose reply was lost may be repeated.
	 */
	claim(request: ClaimRequest): Promise<Claim>;
	/**
	 * May be repeated, as may `escalate`, when its reply was lost: `stored` again. An owner that comes late, after its
	 * lease ran out, is refused only when somebody took its place.
	 */
	complete(lease: Lease, answer: Answer): Promise<Written>;
	escalate(lease: Lease, escalation: Escalation): Promise<Written>;
	/** Gives the right back without a result, so that the next claim wins at once. A lost lease is no error. */
	release(lease: Lease): Promise<void>;
	/**
	 * Counts what no stored result tells of, as the calls of a cancelled run. Not to be repeated: each time it counts
	 * anew.
	 */
	addToLedger(entries: readonly LedgerEntry[]): Promise<void>;
	/**
	 * Notes a run that needed no claim: its numbers when answered (`Answer.payload` null), its review when escalated.
	 * It never overwrites: where the key has a record, the note gets a key of its own that begins with it. The note of a
	 * review may be repeated when its reply was lost, and is kept once: its link's token tells that it is the same.
	 */
	note(
		identity: TaskIdentity,
		run: ({ readonly kind: 'answered' } & Answer) | ({ readonly kind: 'escalated' } & Escalation),
	): Promise<void>;
	get(key: string): Promise<TaskRecord | undefined>;
	/**
	 * Lets one more link open a pending review, by its token's hash: no link can be shown twice, because none is stored.
	 * False when there is no such review.
	 */
	addReviewLink(key: string, tokenHash: string): Promise<boolean>;
	/** The review that belongs to a link, or the newest one with this task ID. */
	findReview(by: { readonly tokenHash: string } | { readonly taskId: string }): Promise<TaskRecord | undefined>;
	/**
	 * The first decision wins; every later one is told what was decided. In the same step it becomes undelivered, on
	 * these terms; null: whoever decides waits for nothing but the result.
	 */
	decide(key: string, decision: Decision, delivery: DeliveryTerms | null): Promise<DecisionResult>;
	list(query: RecordQuery): Promise<RecordPage>;
	/**
	 * Expires reviews whose time is over, forgets answers, records and lines of the ledger that nobody may ask for any
	 * more. How many records were touched.
	 */
	prune(): Promise<number>;
	close(): Promise<void>;
}
