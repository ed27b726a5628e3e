import type { Clock, EpochMs } from './clock';
import type { LedgerEntry } from './ledger';
import type { Outcome } from './outcome';
import type { Answer, Claim, Escalation, FinishedRecord, Lease, TaskIdentity, TaskStore } from './task-store';

type Answered = Extract<Outcome, { kind: 'answered' }>;
type Escalated = Extract<Outcome, { kind: 'escalated' }>;

/** What a run leaves in the store, made from its outcome. */
export interface Keepsakes {
	answer(outcome: Answered): Answer;
	escalation(outcome: Escalated): Escalation;
	/** The lines of a run whose result is not kept: its calls were made all the same. */
	calls(outcome: Outcome): readonly LedgerEntry[];
}

export interface OncePorts {
	readonly store: TaskStore;
	readonly clock: Clock;
	/** A token nobody can guess. */
	readonly newOwner: () => string;
}

export interface OnceTask {
	readonly identity: TaskIdentity;
	readonly deadline: EpochMs;
	readonly cancel: AbortSignal;
	/** Runs the chain. Called at most once. */
	readonly run: () => Promise<Outcome>;
	readonly keepsakes: Keepsakes;
}

export type OnceResult =
	/** This run did the work. `warnings` say what the store could not keep. */
	| { readonly kind: 'ran'; readonly outcome: Outcome; readonly warnings: readonly string[] }
	/** Somebody did the work before; nobody was called, but for the calls the warnings tell of. */
	| { readonly kind: 'finished'; readonly record: FinishedRecord; readonly warnings: readonly string[] }
	/** Another run held the task until our time was up. */
	| { readonly kind: 'inProgress'; readonly until: EpochMs }
	| { readonly kind: 'mismatch' }
	| { readonly kind: 'cancelled' }
	/** The store could not be asked, so nobody was called. */
	| { readonly kind: 'storeFailed'; readonly message: string };

/** A lease outlives the deadline by this much, in ms, so that no owner that keeps its deadline loses it while it stores its result. */
const leaseMarginMs = 30_000;

/** The pause between looks at a task that another run holds grows from the first to the last, in ms. */
const firstLookMs = 100;
const lastLookMs = 1000;

/**
 * Pauses before a result is offered to a failing store again, in ms: an answer that is not kept is paid for twice, but an
 * answer that waits for a store that is down helps nobody.
 */
const keepAgainAfterMs = [200, 1000];

/** Runs a task unless it was run before: claim, run, keep. Waits for another run that holds it, within the deadline. */
export async function runOnce(task: OnceTask, ports: OncePorts): Promise<OnceResult> {
	const claim = await claimOrWait(task, ports);
	switch (claim.kind) {
		case 'acquired':
			return runUnderLease(task, claim.lease, ports);
		case 'finished':
			return { ...claim, warnings: [] };
		default:
			return claim;
	}
}

async function claimOrWait(task: OnceTask, { store, clock, newOwner }: OncePorts): Promise<Claim | { kind: 'cancelled' } | { kind: 'storeFailed'; message: string }> {
	const owner = newOwner();
	for (let pauseMs = firstLookMs; ; pauseMs = Math.min(lastLookMs, pauseMs * 2)) {
		const remainingMs = Math.max(0, task.deadline - clock.now());
		const claim = await attempt(() => store.claim({ identity: task.identity, owner, leaseMs: remainingMs + leaseMarginMs }));
		if (claim.kind === 'failed') return { kind: 'storeFailed', message: claim.message };
		if (claim.value.kind !== 'inProgress' || remainingMs === 0) return claim.value;
		await clock.wait(Math.min(pauseMs, remainingMs), task.cancel);
		if (task.cancel.aborted) return { kind: 'cancelled' };
	}
}

async function runUnderLease(task: OnceTask, lease: Lease, { store, clock }: OncePorts): Promise<OnceResult> {
	const outcome = await task.run();
	const write = () => attempt(() => keep(outcome, task.keepsakes, lease, store));
	let written = await write();
	for (const pauseMs of keepAgainAfterMs) {
		if (written.kind === 'done') break;
		await clock.wait(pauseMs, task.cancel);
		written = await write();
	}
	if (written.kind === 'failed') {
		return { kind: 'ran', outcome, warnings: [`The task store could not keep this result, so the task may run again: ${written.message}`] };
	}
	if (written.value === 'lease_lost') return afterTakeover(outcome, task.keepsakes, lease, store);
	if (outcome.kind === 'cancelled') await addToLedger(store, task.keepsakes.calls(outcome));
	return { kind: 'ran', outcome, warnings: [] };
}

/** Without a word when it fails, and never to a store that has just failed: a missing line is no reason to hold a task up. */
async function addToLedger(store: TaskStore, entries: readonly LedgerEntry[]): Promise<void> {
	if (entries.length > 0) await attempt(() => store.addToLedger(entries));
}

async function keep(outcome: Outcome, keepsakes: Keepsakes, lease: Lease, store: TaskStore) {
	switch (outcome.kind) {
		case 'answered':
			return store.complete(lease, keepsakes.answer(outcome));
		case 'escalated':
			return store.escalate(lease, keepsakes.escalation(outcome));
		case 'cancelled':
			await store.release(lease);
			return 'stored';
	}
}

/** One task has one result: what the run that took over has stored counts, if it is done. What this run has cost counts in any case. */
async function afterTakeover(outcome: Outcome, keepsakes: Keepsakes, lease: Lease, store: TaskStore): Promise<OnceResult> {
	const found = await attempt(() => store.get(lease.key));
	const record = found.kind === 'done' ? found.value : undefined;
	const isFinished = record !== undefined && record.state !== 'processing' && record.state !== 'expired';
	if (found.kind === 'done') await addToLedger(store, isFinished ? keepsakes.calls(outcome) : linesOf(outcome, keepsakes));
	if (!isFinished) {
		return { kind: 'ran', outcome, warnings: ['Another run took this task over before its result could be stored; the task may be answered twice'] };
	}
	return { kind: 'finished', record, warnings: [`Another run took this task over and finished it; its result is used, though this run made ${calls(outcome)} of its own`] };
}

/** Of a run whose result is used, though it is not stored. */
function linesOf(outcome: Outcome, keepsakes: Keepsakes): readonly LedgerEntry[] {
	switch (outcome.kind) {
		case 'answered':
			return keepsakes.answer(outcome).ledger;
		case 'escalated':
			return keepsakes.escalation(outcome).ledger;
		case 'cancelled':
			return keepsakes.calls(outcome);
	}
}

function calls({ attempts }: Outcome): string {
	const made = attempts.filter(({ outcome }) => outcome !== 'skipped').length;
	return made === 1 ? 'a call' : `${made} calls`;
}

type Attempted<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly message: string };

async function attempt<T>(work: () => Promise<T>): Promise<Attempted<T>> {
	try {
		return { kind: 'done', value: await work() };
	} catch (error) {
		return { kind: 'failed', message: error instanceof Error ? error.message : 'it gave no reason' };
	}
}
