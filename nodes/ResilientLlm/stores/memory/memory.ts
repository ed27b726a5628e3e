import type { WallClock } from '../../engine/clock';
import type { TaskRecord } from '../../engine/store/task-record';
import { TaskStoreError, type DecisionResult, type TaskStore, type Written } from '../../engine/store/task-store';
import { createMemoryDeliveries } from './deliveries';
import { createMemoryLedger } from './ledger';
import { branchesOf, comesBefore, cursorAt, pageBounds } from '../record-page';
import { defaultRecordRetentionMs } from '../record-retention';
import { recordOf, refusedClaim, refusedDecision, refusedEnd } from '../sql/task-record';
import {
	endColumns,
	identityColumns,
	keyBeside,
	responseColumn,
	taskHash,
	wholeMs,
	type RunEnd,
	type TaskRow,
} from '../sql/task-row';

export interface MemoryStoreSettings {
	readonly clock: WallClock;
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

interface MemoryRow extends TaskRow {
	readonly task_hash: string;
	readonly workflow_id: string;
}

/**
 * A task store in memory: it is lost when the process ends. Does in TypeScript what the other stores do in SQL and Lua.
 */
export function createMemoryTaskStore({
	clock,
	recordRetentionMs = defaultRecordRetentionMs,
}: MemoryStoreSettings): TaskStore {
	const rows = new Map<string, MemoryRow>();
	/** For each additional link's token hash, the token hash that the review was created with. */
	const links = new Map<string, string>();
	const ledger = createMemoryLedger();
	let closed = false;
	const isDecided = (decisionId: string) =>
		[...rows.values()].some((row) => row.token_hash === decisionId && row.state === 'resolved');
	const deliveries = createMemoryDeliveries(open, isDecided);

	return {
		handOver: deliveries.handOver,
		beginDelivery: deliveries.beginDelivery,
		endDelivery: deliveries.endDelivery,
		async claim({ identity, owner, leaseMs }) {
			const now = open();
			const columns = identityColumns(identity);
			const held = rows.get(identity.key);
			const again = held?.state === 'processing' && held.owner === owner && held.fingerprint === identity.fingerprint;
			if (held !== undefined && held.holds_until > now && !again)
				return refusedClaim(withDelivery(held), identity.fingerprint, now);

			const until = now + wholeMs(leaseMs);
			rows.set(identity.key, { ...emptyRow, ...columns, owner, started_at: now, happened_at: now, holds_until: until });
			return { kind: 'acquired', lease: { key: identity.key, owner, until } };
		},
		complete: async (lease, answer) => finish(lease.key, lease.owner, { kind: 'answered', ...answer }),
		escalate: async (lease, escalation) => finish(lease.key, lease.owner, { kind: 'escalated', ...escalation }),
		async release({ key, owner }) {
			open();
			const row = rows.get(key);
			if (row?.state === 'processing' && row.owner === owner) rows.delete(key);
		},
		async note(identity, run) {
			const now = open();
			if (run.kind === 'escalated' && rows.get(identity.key)?.token_hash === run.tokenHash) return;
			const key = rows.has(identity.key) ? keyBeside(identity.key, run) : identity.key;
			if (rows.has(key)) return;
			const started_at = Math.floor(now - run.summary.latencyMs);
			rows.set(key, { ...emptyRow, ...identityColumns({ ...identity, key }), started_at, ...ended(run, now) });
			ledger.add(run.ledger, now);
		},
		async addToLedger(entries) {
			ledger.add(entries, open());
		},
		async tally(query) {
			open();
			return ledger.tally(query);
		},
		async get(key) {
			const now = open();
			return recordAt(rows.get(key), now);
		},
		async addReviewLink(key, tokenHash) {
			const now = open();
			const row = rows.get(key);
			if (row?.state !== 'pending_human_review' || row.token_hash === null || row.holds_until <= now) return false;
			links.set(tokenHash, row.token_hash);
			return true;
		},
		async findReview(by) {
			const now = open();
			const reviews = newestFirst([...rows.values()].filter((row) => row.token_hash !== null));
			const matches =
				'tokenHash' in by
					? (row: MemoryRow) => row.token_hash === (links.get(by.tokenHash) ?? by.tokenHash)
					: (row: MemoryRow) => row.task_hash === taskHash(by.taskId);
			return recordAt(reviews.find(matches), now);
		},
		async decide(key, decision, terms): Promise<DecisionResult> {
			const now = open();
			const row = rows.get(key);
			if (row === undefined) return { kind: 'unknown' };
			if (row.state !== 'pending_human_review' || row.holds_until <= now)
				return refusedDecision(withDelivery(row), now);

			const holds_until = Math.max(row.holds_until, now + wholeMs(terms?.keepMs ?? 0));
			const settled = {
				verdict: decision.decision,
				responded_at: now,
				response: responseColumn(decision),
				holds_until,
			};
			const decided: MemoryRow = { ...row, state: 'resolved', ...settled };
			rows.set(key, decided);
			if (terms !== null) deliveries.add(row.token_hash ?? '', { key, terms, keptUntil: holds_until });
			const record = recordOf(withDelivery(decided), now);
			return { kind: 'decided', record: record as Extract<TaskRecord, { state: 'resolved' }> };
		},
		async list(query) {
			const now = open();
			const { since, below, limit } = pageBounds(query);
			const branches = branchesOf(query.states);
			const found = newestFirst([...rows.values()]).filter(
				(row) =>
					row.happened_at >= since &&
					comesBefore(below, { at: row.happened_at, key: row.key }) &&
					branches.some(
						({ state, part }) =>
							state === row.state && (part === 'all' || (part === 'over') === row.holds_until <= now),
					) &&
					(query.workflowId === undefined || row.workflow_id === query.workflowId) &&
					(query.dueBefore === undefined || (row.due_at !== null && row.due_at <= query.dueBefore)) &&
					(query.undelivered !== true || deliveries.has(row.token_hash)),
			);
			const page = found.slice(0, limit);
			const last = page.at(-1);
			const bare = query.payloads === false;
			const shown = page.map((row) => (bare || row.state === 'answered' ? { ...row, payload: null } : row));
			const records = shown.map((row) => recordOf(withDelivery(row), now));
			return found.length > limit && last !== undefined
				? { records, cursor: cursorAt({ at: last.happened_at, key: last.key }) }
				: { records };
		},
		async prune() {
			const now = open();
			let touched = 0;
			for (const row of rows.values()) {
				if (row.holds_until + recordRetentionMs <= now) {
					rows.delete(row.key);
					touched += 1;
				} else if (
					row.holds_until <= now &&
					(row.payload !== null || row.response !== null || row.state === 'pending_human_review')
				) {
					const state = row.state === 'pending_human_review' ? 'expired' : row.state;
					rows.set(row.key, { ...row, state, payload: null, response: null });
					touched += 1;
				}
			}
			ledger.prune(now);
			return touched;
		},
		async close() {
			closed = true;
		},
	};

	function withDelivery(row: MemoryRow): MemoryRow {
		return { ...row, undelivered: row.state === 'resolved' && deliveries.has(row.token_hash) };
	}

	function recordAt(row: MemoryRow | undefined, now: number): TaskRecord | undefined {
		return row && recordOf(withDelivery(row), now);
	}

	/** The current time in whole ms. Throws a `TaskStoreError` when the store is closed. */
	function open(): number {
		if (closed) throw new TaskStoreError('The task store in memory is closed.');
		return Math.floor(clock.now());
	}

	function finish(key: string, owner: string, run: RunEnd): Written {
		const now = open();
		const row = rows.get(key);
		if (row === undefined) return 'gone';
		if (row.owner !== owner || row.state !== 'processing') return refusedEnd(row, owner, run);
		rows.set(key, { ...row, ...ended(run, now) });
		ledger.add(run.ledger, now);
		return 'stored';
	}
}

function ended(
	run: RunEnd,
	now: number,
): Pick<TaskRow, 'state' | 'summary' | 'payload' | 'token_hash' | 'happened_at' | 'holds_until' | 'due_at'> {
	const { state, summary, payload, token_hash, due_in, hold_for } = endColumns(run);
	return {
		state,
		summary,
		payload,
		token_hash,
		happened_at: now,
		holds_until: now + hold_for,
		due_at: due_in === null ? null : now + due_in,
	};
}

function newestFirst(rows: readonly MemoryRow[]): readonly MemoryRow[] {
	return rows.toSorted((one, other) =>
		comesBefore({ at: one.happened_at, key: one.key }, { at: other.happened_at, key: other.key }) ? -1 : 1,
	);
}

const emptyRow = {
	state: 'processing',
	owner: null,
	due_at: null,
	token_hash: null,
	verdict: null,
	responded_at: null,
	summary: null,
	response: null,
	payload: null,
	undelivered: false,
} as const;
