import { setImmediate } from 'node:timers/promises';

import type { EpochMs } from '../../engine/clock';
import type { LedgerEntry } from '../../engine/store/ledger';
import type { TaskRecord } from '../../engine/store/task-record';
import type { DecisionResult, TaskStore, Written } from '../../engine/store/task-store';
import type { Survives } from '../embedded/group-commit';
import { ledgerLine } from '../ledger-line';
import { dayMs, hourMs, ledgerRetentionMs, minuteMs } from '../ledger-retention';
import { createLedgerSums } from '../ledger-sums';
import { branchesOf, cursorAt, pageBounds } from '../record-page';
import type { SqlDatabase, SqlValues, SqlWrite } from './database';
import { createSqlDeliveries } from './deliveries';
import { listStatement, sqlStatements } from './statements';
import { recordOf, refusedClaim, refusedDecision, refusedEnd } from './task-record';
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
} from './task-row';

/** How many records one statement of `prune` changes at most, so that it does not block other writers for long. */
const pruneBatch = 500;

/** How many ledger lines one statement of `prune` deletes at most. They are smaller than records. */
const ledgerPruneBatch = 5000;

/**
 * The task store for any database that runs the statements of `statements.ts`. `recordRetentionMs`: see
 * `defaultRecordRetentionMs`.
 */
export function createSqlTaskStore(database: SqlDatabase, recordRetentionMs: number): TaskStore {
	const statements = sqlStatements(database);
	const retention = wholeMs(recordRetentionMs);

	return {
		...createSqlDeliveries(database),
		async claim({ identity, owner, leaseMs }) {
			// If the claim was refused but the record is missing or free when it is read, the other lease ended or was
			// released in between: claim again.
			for (;;) {
				const [won] = await database.write(statements.claim, {
					...identityColumns(identity),
					owner,
					hold_for: wholeMs(leaseMs),
					retention,
				});
				if (won !== undefined)
					return { kind: 'acquired', lease: { key: identity.key, owner, until: Number(won.holds_until) } };

				const held = await load(identity.key);
				if (held !== undefined && held.row.holds_until > held.now)
					return refusedClaim(held.row, identity.fingerprint, held.now);
			}
		},
		complete: async (lease, answer) => await finish(lease.key, lease.owner, { kind: 'answered', ...answer }),
		escalate: async (lease, escalation) => await finish(lease.key, lease.owner, { kind: 'escalated', ...escalation }),
		async release({ key, owner }) {
			await database.write(statements.release, { key, owner });
		},
		async note(identity, run) {
			const values = { ...endColumns(run), took: wholeMs(run.summary.latencyMs), retention };
			const columns = { ...identityColumns(identity), ...values };
			// A review must survive a power cut, because people wait for it. For numbers alone the fsync would take more time
			// than they are worth.
			const survives = run.payload === null ? 'process end' : 'power cut';
			const [noted] = await writeWithLedger(statements.note, columns, run.ledger, survives);
			if (noted === undefined && !(await isNotedBefore(identity.key, run))) {
				await writeWithLedger(statements.note, { ...columns, key: keyBeside(identity.key, run) }, run.ledger, survives);
			}
		},
		async addToLedger(entries) {
			if (entries.length > 0) await writeWithLedger(statements.addToLedger, {}, entries, 'process end');
		},
		async tally({ from, to }) {
			const minutes = { from_minute: Math.floor(from / minuteMs), to_minute: Math.floor(to / minuteMs) };
			const hours = { first_hour: Math.floor(from / hourMs), last_hour: Math.floor(to / hourMs) };
			const sums = createLedgerSums();
			await database.readArrays(
				statements.tally,
				{ ...minutes, ...hours },
				([facet, lines, pricedLines, cost, comparedLines, extraCost, latencies]) => {
					sums.add(
						Number(facet),
						Number(lines),
						Number(pricedLines),
						Number(cost),
						Number(comparedLines),
						Number(extraCost),
						String(latencies),
					);
				},
			);
			const facets = await database.read(statements.facets, {
				first_day: Math.floor(from / dayMs),
				last_day: Math.floor(to / dayMs),
			});
			return sums.sums(new Map(facets.map((row) => [Number(row.facet), String(row.facets)])));
		},
		async get(key) {
			const held = await load(key);
			return held && recordOf(held.row, held.now);
		},
		async addReviewLink(key, tokenHash) {
			const [added] = await database.write(statements.addLink, { key, added_token_hash: tokenHash, retention });
			return added !== undefined;
		},
		async findReview(by) {
			const [raw] =
				'tokenHash' in by
					? await database.read(statements.reviewByToken, { token_hash: by.tokenHash })
					: await database.read(statements.newestReviewOfTask, { task_hash: taskHash(by.taskId) });
			return raw && recordAsOfNow(raw);
		},
		async decide(key, decision, delivery): Promise<DecisionResult> {
			const { write, afterwards } = statements.decide;
			const values = { key, verdict: decision.decision, response: responseColumn(decision), retention };
			const terms = {
				receiver: delivery?.to ?? null,
				lease: wholeMs(delivery?.leaseMs ?? 0),
				keep_for: wholeMs(delivery?.keepMs ?? 0),
			};
			const statement = { write, afterwards: delivery === null ? [] : afterwards };
			const [decided] = await database.writeWith(statement, { ...values, ...terms }, 'power cut');
			if (decided !== undefined) {
				const row = readRow({ ...decided, undelivered: delivery === null ? 0 : 1 });
				return {
					kind: 'decided',
					record: recordOf(row, row.responded_at ?? 0) as Extract<TaskRecord, { state: 'resolved' }>,
				};
			}
			const held = await load(key);
			return held === undefined ? { kind: 'unknown' } : refusedDecision(held.row, held.now);
		},
		async list(query) {
			const { since, below, limit } = pageBounds(query);
			const statement = listStatement(database, branchesOf(query.states), {
				byWorkflow: query.workflowId !== undefined,
				byDueDate: query.dueBefore !== undefined,
				undelivered: query.undelivered === true,
				payloads: query.payloads !== false,
			});
			const found = await database.read(statement, {
				since,
				below_at: below.at,
				below_key: below.key,
				// One record more than requested shows whether there is another page.
				limit: limit + 1,
				workflow_id: query.workflowId ?? null,
				due_before: query.dueBefore === undefined ? null : Math.floor(query.dueBefore),
			});
			const records = found.slice(0, limit).map(recordAsOfNow);
			const last = found[limit - 1];
			return found.length > limit && last !== undefined
				? { records, cursor: cursorAt({ at: Number(last.happened_at), key: String(last.key) }) }
				: { records };
		},
		async prune() {
			const touched = (await pruneWith(statements.expire)) + (await pruneWith(statements.forget));
			await database.write(statements.forgetLinks, {});
			await database.write(statements.forgetDeliveries, {});
			await pruneLedger();
			return touched;
		},
		close: () => database.close(),
	};

	async function load(key: string): Promise<{ row: TaskRow; now: EpochMs } | undefined> {
		const [raw] = await database.read(statements.get, { key });
		return raw && { row: readRow(raw), now: Number(raw.now) };
	}

	async function finish(key: string, owner: string, run: RunEnd): Promise<Written> {
		const [stored] = await writeWithLedger(
			statements.finish,
			{ key, owner, ...endColumns(run), retention },
			run.ledger,
			'power cut',
		);
		if (stored !== undefined) return 'stored';
		const held = await load(key);
		return held === undefined ? 'gone' : refusedEnd(held.row, owner, run);
	}

	async function isNotedBefore(key: string, run: RunEnd): Promise<boolean> {
		return run.kind === 'escalated' && (await load(key))?.row.token_hash === run.tokenHash;
	}

	/** Runs a write and adds its ledger lines in the same transaction; adds none if the write changed nothing. */
	async function writeWithLedger(
		statement: SqlWrite,
		values: SqlValues,
		ledger: readonly LedgerEntry[],
		survives: Survives,
	): Promise<readonly RawRow[]> {
		if (ledger.length === 0) return await database.writeWith({ ...statement, afterwards: [] }, values, survives);
		return await database.writeWith(statement, { ...values, ledger: JSON.stringify(ledger.map(ledgerLine)) }, survives);
	}

	/**
	 * Deletes old ledger lines, at most one hour per statement, and fewer when the hour has many lines: at a million
	 * calls a day it has 70,000. Gives way to the event loop after each statement.
	 */
	async function pruneLedger(): Promise<void> {
		for (;;) {
			const [hours] = await database.read(statements.oldestHour, { retention: ledgerRetentionMs });
			if (hours?.oldest === null || hours === undefined || Number(hours.oldest) >= Number(hours.first_kept)) break;
			await database.write(statements.forgetHour, { hour: Number(hours.oldest), batch: ledgerPruneBatch });
			await setImmediate();
		}
		await database.write(statements.forgetFacets, { retention: ledgerRetentionMs });
	}

	async function pruneWith(statement: string): Promise<number> {
		let touched = 0;
		for (;;) {
			const batch = await database.write(statement, { batch: pruneBatch, retention });
			touched += batch.length;
			if (batch.length < pruneBatch) return touched;
			await setImmediate();
		}
	}
}

function recordAsOfNow(raw: RawRow): TaskRecord {
	return recordOf(readRow(raw), Number(raw.now));
}
