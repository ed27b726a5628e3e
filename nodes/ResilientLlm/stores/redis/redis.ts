import type { EpochMs } from '../../engine/clock';
import type { TaskRecord } from '../../engine/store/task-record';
import type { DecisionResult, RecordQuery, TaskStore, Written } from '../../engine/store/task-store';
import {
	branchesOf,
	comesBefore,
	cursorAt,
	pageBounds,
	type PageBounds,
	type Position,
	type StateBranch,
} from '../record-page';
import { defaultRecordRetentionMs } from '../record-retention';
import { connectRedis, type RedisConnection, type RedisSettings } from './connection';
import { createRedisDeliveries, decideScript } from './deliveries';
import { addLinesScript, ledgerValues, pruneLedger, tallyLedger } from './ledger';
import { asRecord, fieldsOf, listOf, momentAndRow } from './replies';
import {
	addLinkScript,
	claimScript,
	findReviewScript,
	finishScript,
	getScript,
	noteScript,
	pruneScript,
	rangeScript,
	releaseScript,
} from './scripts';
import type { StoreNotice } from '../store-notice';
import { recordOf, refusedClaim, refusedDecision } from '../sql/task-record';
import {
	endColumns,
	identityColumns,
	keyBeside,
	readRow,
	responseColumn,
	taskHash,
	wholeMs,
	type RawRow,
	type RunEnd,
	type TaskRow,
} from '../sql/task-row';

export interface RedisStoreSettings extends RedisSettings {
	/** Called with messages that do not belong to any single operation. Default: they are dropped. */
	readonly tell?: (notice: StoreNotice) => void;
	/** See `defaultRecordRetentionMs`. */
	readonly recordRetentionMs?: number;
}

/**
 * A task store in Redis 6 or later, for any number of machines. All instants come from the server's clock. Data is as
 * durable as the server's own settings make it: it should have `appendonly yes` and `maxmemory-policy noeviction`.
 */
export function createRedisTaskStore(settings: RedisStoreSettings): TaskStore {
	return redisTaskStoreOn(connectRedis(settings), settings.recordRetentionMs, settings.tell);
}

/** How many records one script of `prune` changes at most: while a script runs, the server does nothing else. */
const pruneBatch = 200;

/** How many records one script of `list` reads at most. */
const rangeBatch = 200;

/**
 * Like `createRedisTaskStore`, on a connection that other stores use as well. Closing the store closes the connection.
 */
export function redisTaskStoreOn(
	connection: RedisConnection,
	recordRetentionMs = defaultRecordRetentionMs,
	tell: (notice: StoreNotice) => void = () => undefined,
): TaskStore {
	const retention = wholeMs(recordRetentionMs);

	return {
		...createRedisDeliveries(connection),
		async claim({ identity, owner, leaseMs }) {
			const { key, fingerprint, task_hash, workflow_id, identity: rest } = identityColumns(identity);
			const reply = await connection.run(claimScript, [
				key,
				fingerprint,
				owner,
				task_hash,
				workflow_id,
				rest,
				wholeMs(leaseMs),
				retention,
			]);
			if (typeof reply === 'number') return { kind: 'acquired', lease: { key, owner, until: reply } };
			const [first, ...row] = listOf(reply);
			if (row.length === 0) {
				tell({ kind: 'loss', words: evicted(connection.where) });
				return { kind: 'acquired', lease: { key, owner, until: Number(first) } };
			}
			const { now, raw } = momentAndRow(reply);
			return refusedClaim(readRow(raw ?? {}), fingerprint, now);
		},
		complete: async (lease, answer) => await finish(lease.key, lease.owner, { kind: 'answered', ...answer }),
		escalate: async (lease, escalation) => await finish(lease.key, lease.owner, { kind: 'escalated', ...escalation }),
		async release({ key, owner }) {
			await connection.run(releaseScript, [key, owner]);
		},
		async note(identity, run) {
			const { key, fingerprint, task_hash, workflow_id, identity: rest } = identityColumns(identity);
			const own = [key, keyBeside(key, run), fingerprint, task_hash, workflow_id, rest, wholeMs(run.summary.latencyMs)];
			await connection.run(noteScript, [...own, ...endValues(run), retention, ...ledgerValues(run.ledger)]);
		},
		async addToLedger(entries) {
			await connection.run(addLinesScript, ledgerValues(entries));
		},
		tally: async (query) => await tallyLedger(connection, query),
		async get(key) {
			return asRecord(await connection.run(getScript, [key]));
		},
		async addReviewLink(key, tokenHash) {
			return (await connection.run(addLinkScript, [key, tokenHash])) === 1;
		},
		async findReview(by) {
			return asRecord(
				await connection.run(findReviewScript, 'tokenHash' in by ? [by.tokenHash, ''] : ['', taskHash(by.taskId)]),
			);
		},
		async decide(key, decision, delivery): Promise<DecisionResult> {
			const terms = [delivery?.to ?? '', wholeMs(delivery?.leaseMs ?? 0), wholeMs(delivery?.keepMs ?? 0)];
			const values = [key, decision.decision, responseColumn(decision), ...terms, retention];
			const reply = await connection.run(decideScript, values);
			const { now, raw } = momentAndRow(reply);
			if (raw === undefined) return { kind: 'unknown' };
			const row = readRow(raw);
			if (listOf(reply)[2] !== 1) return refusedDecision(row, now);
			return { kind: 'decided', record: recordOf(row, now) as Extract<TaskRecord, { state: 'resolved' }> };
		},
		async list(query) {
			const bounds = pageBounds(query);
			const branches = await Promise.all(
				branchesOf(query.states).map(async (branch) => await newestOf(branch, query, bounds)),
			);
			const found = branches.flat().sort((one, other) => (comesBefore(placeOf(one.row), placeOf(other.row)) ? -1 : 1));
			const records = found.slice(0, bounds.limit).map(({ row, now }) => recordOf(row, now));
			const last = found[bounds.limit - 1];
			return found.length > bounds.limit && last !== undefined
				? { records, cursor: cursorAt(placeOf(last.row)) }
				: { records };
		},
		async prune() {
			let touched = 0;
			for (;;) {
				const [touchedNow, looked] = listOf(await connection.run(pruneScript, [retention, pruneBatch]));
				touched += Number(touchedNow);
				if (Number(looked) < pruneBatch) break;
			}
			await pruneLedger(connection);
			return touched;
		},
		close: () => connection.close(),
	};

	async function finish(key: string, owner: string, run: RunEnd): Promise<Written> {
		const values = [key, owner, ...endValues(run), retention, ...ledgerValues(run.ledger)];
		return finishReplies[Number(await connection.run(finishScript, values))] ?? 'lease_lost';
	}

	/**
	 * The newest matching records of one state, up to one more than a page holds: the additional one shows that there is
	 * another page.
	 */
	async function newestOf(
		branch: StateBranch,
		query: RecordQuery,
		{ since, below, limit }: PageBounds,
	): Promise<readonly RowAtMoment[]> {
		const payloads = query.payloads !== false && branch.state !== 'answered';
		const found: RowAtMoment[] = [];
		for (let start = below; ;) {
			const count = Math.min(rangeBatch, limit + 1);
			const [now, rows, over] = listOf(
				await connection.run(rangeScript, [branch.state, since, start.at, start.key, count, payloads ? 1 : 0]),
			);
			const read = listOf(rows).map((fields) => fieldsOf(fields));
			found.push(
				...read
					.filter((raw) => shows(raw, Number(now), branch, query))
					.map((raw) => ({ row: readRow(raw), now: Number(now) })),
			);
			const last = read.at(-1);
			if (over === 1 || found.length > limit || last === undefined) return found.slice(0, limit + 1);
			start = { at: Number(last.happened_at), key: String(last.key) };
		}
	}
}

function evicted(where: string): string {
	return (
		`${where} has evicted the stored result of a task before its time, so the task runs again. Set maxmemory-policy to ` +
		`noeviction on the server, and give it more memory.`
	);
}

/** Indexed by the number that `finishScript` returns. */
const finishReplies: readonly Written[] = ['lease_lost', 'stored', 'gone'];

interface RowAtMoment {
	readonly row: TaskRow;
	readonly now: EpochMs;
}

function shows(raw: RawRow, now: EpochMs, { part }: StateBranch, query: RecordQuery): boolean {
	const { workflowId, dueBefore, undelivered } = query;
	if (part !== 'all' && (part === 'over') !== Number(raw.holds_until) <= now) return false;
	if (workflowId !== undefined && raw.workflow_id !== workflowId) return false;
	if (undelivered === true && raw.undelivered !== '1') return false;
	return dueBefore === undefined || (raw.due_at !== undefined && Number(raw.due_at) <= dueBefore);
}

function placeOf(row: TaskRow): Position {
	return { at: row.happened_at, key: row.key };
}

function endValues(run: RunEnd): readonly (string | number)[] {
	const { state, summary, payload, token_hash, due_in, hold_for } = endColumns(run);
	return [state, summary, payload ?? '', token_hash ?? '', due_in ?? '', hold_for];
}
