import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { LedgerEntry } from '../../nodes/ResilientLlm/engine/store/ledger';
import type { TaskRecord, TaskState } from '../../nodes/ResilientLlm/engine/store/task-record';
import type { Lease, TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory/memory';
import { DrivenTime, standingClock } from './driven-time';
import { callLine, taskLine } from './ledger-lines';
import { answer, day, decision, escalation, hour, identityOf, minute } from './samples';

const key = fc.constantFrom('a', 'b', 'c');
const owner = fc.constantFrom('me', 'you');
const duration = fc.constantFrom(hour, 8 * hour, 5 * day);

const step = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			call: fc.constant('claim' as const),
			key,
			owner,
			fingerprint: fc.constantFrom('one', 'one', 'two'),
			ms: duration,
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			call: fc.constant('complete' as const),
			key,
			owner,
			payload: fc.constantFrom('text', 'text', null),
			ms: duration,
		}),
	},
	{ weight: 4, arbitrary: fc.record({ call: fc.constant('escalate' as const), key, owner, ms: duration }) },
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('release' as const), key, owner }) },
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('noteAnswer' as const), key }) },
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('noteReview' as const), key, ms: duration }) },
	{
		weight: 3,
		arbitrary: fc.record({ call: fc.constant('decide' as const), key, isAwaited: fc.constantFrom(true, true, false) }),
	},
	{ weight: 2, arbitrary: fc.record({ call: fc.constant('handOver' as const), limit: fc.constantFrom(1, 10) }) },
	{
		weight: 2,
		arbitrary: fc.record({ call: fc.constant('beginDelivery' as const), owner, back: fc.integer({ min: 1, max: 8 }) }),
	},
	{
		weight: 1,
		arbitrary: fc.record({ call: fc.constant('endDelivery' as const), back: fc.integer({ min: 1, max: 8 }) }),
	},
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('addLink' as const), key }) },
	{
		weight: 2,
		arbitrary: fc.record({
			call: fc.constant('advance' as const),
			ms: fc.constantFrom(hour, 6 * hour, 3 * day, 31 * day),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('prune' as const) }) },
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('addToLedger' as const) }) },
	{ weight: 2, arbitrary: fc.record({ call: fc.constant('tally' as const) }) },
	{ weight: 1, arbitrary: fc.record({ call: fc.constant('findReview' as const), key }) },
	{
		weight: 2,
		arbitrary: fc.record({
			call: fc.constant('list' as const),
			states: fc.subarray(['processing', 'answered', 'pending_human_review', 'resolved', 'expired'] as const),
			limit: fc.integer({ min: 1, max: 4 }),
		}),
	},
);

/** Leases and content of such decisions end at different times. */
const terms = { to: 'trigger', leaseMs: 3 * minute, keepMs: 2 * day };

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Whatever is done to it, a store answers as the one in memory does, whose few lines are easy to check. */
export function sameAsMemory(name: string, create: (time: DrivenTime) => Promise<TaskStore>): void {
	it(`${name} answers any series of calls as the store in memory does`, async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
				const time = new DrivenTime();
				const store = await create(time);
				const perform = await callerOf(store);
				const performInMemory = await callerOf(createMemoryTaskStore({ clock: standingClock(time) }));
				for (const [index, one] of steps.entries()) {
					time.advance(one.call === 'advance' ? one.ms : minute);
					expect(await perform(one, index), `step ${index}`).toEqual(await performInMemory(one, index));
				}
				await store.close();
			}),
			{ numRuns: 40 },
		);
	});
}

/** Performs steps on a store, and tells what it answered without what differs between two stores. */
async function callerOf(store: TaskStore): Promise<(one: Step, index: number) => Promise<unknown>> {
	const leases = new Map<string, Lease>();
	const first = await store.claim({ identity: identityOf('first'), owner: 'first', leaseMs: 0 });
	const origin = first.kind === 'acquired' ? first.lease.until : 0;
	await store.release({ key: 'first', owner: 'first', until: origin });
	return async (one, index) => comparable(await answerTo(one, index), origin);

	async function answerTo(one: Step, index: number): Promise<unknown> {
		switch (one.call) {
			case 'claim': {
				const claim = await store.claim({
					identity: identityOf(one.key, { fingerprint: one.fingerprint }),
					owner: one.owner,
					leaseMs: one.ms,
				});
				if (claim.kind === 'acquired') leases.set(`${one.key} ${one.owner}`, claim.lease);
				return claim;
			}
			case 'complete':
				return await store.complete(leaseOf(one), answer(one.payload, one.ms, counted(index)));
			case 'escalate':
				return await store.escalate(
					leaseOf(one),
					escalation({ tokenHash: `token ${index}`, retentionMs: one.ms, ledger: counted(index) }),
				);
			case 'release':
				return await store.release(leaseOf(one));
			case 'noteAnswer':
				return await store.note(identityOf(one.key), { kind: 'answered', ...answer(null, day, counted(index)) });
			case 'noteReview':
				return await store.note(identityOf(one.key), {
					kind: 'escalated',
					...escalation({ tokenHash: `token ${index}`, retentionMs: one.ms, ledger: counted(index) }),
				});
			case 'decide':
				return await store.decide(one.key, decision({ reviewer: `reviewer ${index}` }), one.isAwaited ? terms : null);
			case 'handOver':
				return (await store.handOver({ to: terms.to, leaseMs: terms.leaseMs, limit: one.limit })).length;
			case 'beginDelivery':
				return await store.beginDelivery({
					decisionId: `token ${index - one.back}`,
					executionId: one.owner,
					leaseMs: terms.leaseMs,
				});
			case 'endDelivery':
				return await store.endDelivery(`token ${index - one.back}`);
			case 'addLink':
				return await store.addReviewLink(one.key, `token ${index}`);
			case 'advance':
				return undefined;
			case 'prune':
				return await store.prune();
			case 'addToLedger':
				return await store.addToLedger(counted(index));
			case 'tally':
				return (await store.tally({ from: 0, to: Number.MAX_SAFE_INTEGER })).toSorted((sum, other) =>
					sum.facets.kind.localeCompare(other.facets.kind),
				);
			case 'findReview':
				return [
					await store.findReview({ taskId: identityOf(one.key).taskId }),
					...(await Promise.all(
						[1, 2, 3, 4].map(async (back) => await store.findReview({ tokenHash: `token ${index - back}` })),
					)),
				];
			case 'list':
				return await pagesOf(one.states, one.limit);
		}
	}

	function leaseOf({ key, owner }: { key: string; owner: string }): Lease {
		return leases.get(`${key} ${owner}`) ?? { key, owner, until: 0 };
	}

	async function pagesOf(states: readonly TaskState[], limit: number): Promise<readonly (readonly TaskRecord[])[]> {
		const page = await store.list({ states, limit });
		const pages = [page.records];
		for (let { cursor } = page; cursor !== undefined;) {
			const next = await store.list({ states, limit, cursor });
			pages.push(next.records);
			cursor = next.cursor;
		}
		return pages;
	}
}

/** A few lines that differ from step to step. */
function counted(index: number): readonly LedgerEntry[] {
	return [
		callLine({ latencyBucket: index % 3, costUsd: index / 1000 }),
		taskLine({ latencyBucket: 3 + (index % 3), extraCostUsd: index % 2 === 0 ? null : 0.001 }),
	];
}

/**
 * Instants become minutes since the store was opened: real clocks go on while the test runs. Keys made of chance lose
 * it.
 */
function comparable(result: unknown, origin: number): unknown {
	if (result === undefined) return undefined;
	return JSON.parse(JSON.stringify(result), (_, value: unknown) => {
		if (typeof value === 'number' && value > origin - day) return `minute ${Math.round((value - origin) / minute)}`;
		return typeof value === 'string' ? value.replace(/:[0-9a-f-]{36}$/, ':noted') : value;
	});
}
