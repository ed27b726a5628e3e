import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { LedgerEntry, LedgerFacets, LedgerSum } from '../../nodes/ResilientLlm/engine/store/ledger';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import type { StoreWorld } from './contract';
import { DrivenTime } from './driven-time';
import { callLine, nanosOf, plainSums, taskLine } from './ledger-lines';
import { answer, claimed, day, escalation, hour, identityOf, leaseMs, minute, second } from './samples';

const forEver = { from: 0, to: 100_000_000 * minute };

/** What the ledger of every task store promises. */
export function ledgerContract(name: string, createWorld: (time: DrivenTime) => Promise<StoreWorld>): void {
	describe(`${name}: the promises of a ledger`, () => {
		let time: DrivenTime;
		let store: TaskStore;
		let opened: TaskStore[];
		let open: () => TaskStore;

		beforeEach(async () => {
			opened = [];
			time = new DrivenTime();
			const world = await createWorld(time);
			open = () => {
				const another = world.open();
				opened.push(another);
				return another;
			};
			store = open();
		});

		afterEach(async () => {
			await Promise.all(opened.map(async (one) => await one.close()));
		});

		const lines = async (from = store) => linesOf(await from.tally(forEver));

		it('is empty at first', async () => {
			expect(await store.tally(forEver)).toEqual([]);
		});

		it('holds what came with an answer, a review, a note, and on its own', async () => {
			await store.complete(await claimed(store, 'a'), answer('text', day, [callLine({ model: 'one' })]));
			await store.escalate(await claimed(store, 'b'), escalation({ ledger: [callLine({ model: 'two' })] }));
			await store.note(identityOf('c'), { kind: 'answered', ...answer(null, day, [callLine({ model: 'three' })]) });
			await store.note(identityOf('d'), {
				kind: 'escalated',
				...escalation({ tokenHash: 'd', ledger: [callLine({ model: 'four' })] }),
			});
			await store.addToLedger([callLine({ model: 'five' })]);
			const models = (await open().tally(forEver)).map(({ facets, lines: count }) => [
				facets.kind === 'attempt' && facets.model,
				count,
			]);
			expect(models.toSorted()).toEqual([
				['five', 1],
				['four', 1],
				['one', 1],
				['three', 1],
				['two', 1],
			]);
		});

		it('gives lines back as they came in, and adds up those that share facets, latency by latency', async () => {
			const call = callLine({ costUsd: 0.0015 });
			const task = taskLine({ costUsd: 0.002, extraCostUsd: -0.0005 });
			await store.addToLedger([call, call, task, { ...call, latencyBucket: call.latencyBucket + 1 }]);
			await open().addToLedger([call]);
			expect(sorted(await store.tally(forEver))).toEqual(
				sorted([
					{
						facets: call.facets,
						lines: 4,
						latencies: new Map([
							[call.latencyBucket, 3],
							[call.latencyBucket + 1, 1],
						]),
						pricedLines: 4,
						costUsd: 0.006,
						comparedLines: 0,
						extraCostUsd: 0,
					},
					{
						facets: task.facets,
						lines: 1,
						latencies: new Map([[task.latencyBucket, 1]]),
						pricedLines: 1,
						costUsd: 0.002,
						comparedLines: 1,
						extraCostUsd: -0.0005,
					},
				]),
			);
		});

		it('knows costs that are unknown from those that are nothing', async () => {
			await store.addToLedger([
				callLine({ costUsd: null }),
				callLine({ costUsd: 0 }),
				callLine({ costUsd: 0.25 }),
				callLine({ costUsd: Number.NaN }),
			]);
			expect(await store.tally(forEver)).toMatchObject([{ lines: 4, pricedLines: 2, costUsd: 0.25 }]);
		});

		it('stays readable when a cost or a latency is absurd', async () => {
			await store.addToLedger(
				Array.from({ length: 3 }, () =>
					taskLine({ costUsd: 1e300, extraCostUsd: -1e300, latencyBucket: Number.POSITIVE_INFINITY }),
				),
			);
			expect(await store.tally(forEver)).toMatchObject([
				{ lines: 3, costUsd: 3e6, extraCostUsd: -3e6, latencies: new Map([[0, 3]]) },
			]);
		});

		it('counts a result once, however often its write is repeated', async () => {
			const lease = await claimed(store, 'a');
			const paid = answer('text', day, [callLine(), taskLine()]);
			await Promise.all([store.complete(lease, paid), open().complete(lease, paid), store.complete(lease, paid)]);
			expect(await store.complete(lease, paid)).toBe('stored');
			expect(await lines()).toBe(2);

			const review = await claimed(store, 'b');
			for (let time_ = 0; time_ < 3; time_++)
				expect(await store.escalate(review, escalation({ ledger: [taskLine()] }))).toBe('stored');
			expect(await lines()).toBe(3);
		});

		it('counts nothing that was not stored', async () => {
			const late = await claimed(store, 'a', 'late');
			time.advance(leaseMs + second);
			const paid = answer('text', day, [callLine(), taskLine()]);
			const lease = await claimed(store, 'a', 'new');
			expect(await store.complete(late, paid)).toBe('lease_lost');
			expect(await store.escalate(late, escalation({ ledger: [taskLine()] }))).toBe('lease_lost');
			expect(await store.complete({ key: 'nobody', owner: 'me', until: 0 }, paid)).toBe('gone');
			expect(await lines()).toBe(0);
			await store.complete(lease, answer());
			expect(await store.escalate(lease, escalation({ ledger: [taskLine()] }))).toBe('lease_lost');
			expect(await lines()).toBe(0);
		});

		it('counts every note, also of a key that has a record', async () => {
			for (let run = 0; run < 3; run++)
				await store.note(identityOf('a'), { kind: 'answered', ...answer(null, day, [taskLine()]) });
			expect(await lines()).toBe(3);
		});

		it('keeps what it counted when a record is replaced', async () => {
			for (const owner of ['first', 'second', 'third']) {
				await store.complete(await claimed(store, 'a', owner), answer('text', minute, [taskLine()]));
				time.advance(hour);
			}
			expect(await lines()).toBe(3);
		});

		it('tells times apart by the minute of the store, from the first on, before the second', async () => {
			const minutes: number[] = [];
			for (const key of ['a', 'b', 'c']) {
				await store.complete(await claimed(store, key), answer('text', day, [callLine({ model: key })]));
				const record = await store.get(key);
				minutes.push(record?.state === 'answered' ? Math.floor(record.endedAt / minute) : 0);
				time.advance(67 * minute);
			}
			const modelsIn = async (from: number, to: number) =>
				(await store.tally({ from: from * minute, to: to * minute }))
					.map(({ facets }) => (facets.kind === 'attempt' ? facets.model : ''))
					.toSorted();
			const [a = 0, b = 0, c = 0] = minutes;
			expect(await modelsIn(b, b + 1)).toEqual(['b']);
			expect(await modelsIn(a + 1, b)).toEqual([]);
			expect(await modelsIn(a, b)).toEqual(['a']);
			expect(await modelsIn(a, c)).toEqual(['a', 'b']);
			expect(await modelsIn(a - 5000, c + 5000)).toEqual(['a', 'b', 'c']);
			expect(await modelsIn(c + 1, c + 5000)).toEqual([]);
		});

		it('takes any name', async () => {
			const names = [
				'"quote"',
				"it's",
				'back\\slash',
				'semi;colon,comma',
				'line\nbreak',
				'Zażółć 日本語 🧑‍🚀',
				'\u0000\u2028',
				'\ud800',
				'{{ $json }}',
				'',
				'%s :key $1 ?',
				'x'.repeat(200),
			];
			await store.addToLedger(names.map((model) => callLine({ model })));
			const found = (await open().tally(forEver)).map(({ facets }) => facets.kind === 'attempt' && facets.model);
			expect(found.toSorted()).toEqual(names.toSorted());
		});

		it('adds up any lines as a plain loop would, to the billionth of a dollar, however they are sliced', async () => {
			const usd = fc.oneof(
				fc.constant(null),
				fc.double({ min: -0.01, max: 0.2, noNaN: true }),
				fc.constantFrom(0, 0.1, 0.2, 0.3),
			);
			const line = fc.record({
				model: fc.constantFrom('one', 'two', 'three'),
				latencyBucket: fc.integer({ min: 0, max: 3 }),
				costUsd: usd,
				extraCostUsd: usd,
			});
			const write = fc.record({
				lines: fc.array(line, { maxLength: 6 }),
				thenMinutes: fc.constantFrom(0, 0, 1, 59, 200),
			});
			await fc.assert(
				fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 12 }), async (writes) => {
					const before = await store.tally(forEver);
					const all: LedgerEntry[] = [];
					const clients = [store, open()];
					for (const [index, { lines: chosen, thenMinutes }] of writes.entries()) {
						const entries = chosen.map((one) => callLine(one));
						await clients[index % 2]?.addToLedger(entries);
						all.push(...entries);
						time.advance(thenMinutes * minute);
					}
					const sliced = await slices(store, time);
					expect(sorted(together(sliced))).toEqual(sorted(together(await store.tally(forEver))));
					expect(nanosBySum(sliced)).toEqual(nanosBySum([...before, ...plainSums(all)]));
				}),
				{ numRuns: 15 },
			);
		});

		it('forgets lines two months old when pruned, and no others', async () => {
			await store.addToLedger([callLine({ model: 'old' })]);
			time.advance(hour);
			await store.addToLedger([callLine({ model: 'a little younger' })]);
			time.advance(61 * day);
			await store.addToLedger([callLine({ model: 'young' })]);
			await store.prune();
			expect(await lines()).toBe(3);
			time.advance(day + minute);
			const other = open();
			await Promise.all([store.prune(), other.prune()]);
			expect(
				(await store.tally(forEver)).map(({ facets }) => facets.kind === 'attempt' && facets.model).toSorted(),
			).toEqual(['a little younger', 'young']);
			time.advance(90 * day);
			await store.prune();
			expect(await store.tally(forEver)).toEqual([]);
			await store.addToLedger([callLine({ model: 'new' })]);
			expect(await lines()).toBe(1);
		});

		it('forgets an hour of very many lines', async () => {
			const models = Array.from({ length: 40 }, (_, index) => `model ${index}`);
			await store.addToLedger(
				models.flatMap((model) =>
					Array.from({ length: 300 }, (_, latencyBucket) => callLine({ model, latencyBucket })),
				),
			);
			expect(await lines()).toBe(12_000);
			time.advance(63 * day);
			await store.prune();
			expect(await store.tally(forEver)).toEqual([]);
		});

		it('refuses to count or to tell when the store is closed', async () => {
			const closed = open();
			await closed.close();
			await expect(closed.tally(forEver)).rejects.toThrow(/closed/);
			await expect(closed.addToLedger([callLine()])).rejects.toThrow(/closed/);
		});
	});
}

/** Every hour from the start of the test on. */
async function slices(store: TaskStore, time: DrivenTime): Promise<readonly LedgerSum[]> {
	const record = await store.claim({ identity: identityOf('clock'), owner: 'clock', leaseMs: 0 });
	const now = record.kind === 'acquired' ? record.lease.until : 0;
	const first = Math.floor((now - time.shiftMs) / minute) - 10;
	const sums: LedgerSum[] = [];
	for (let from = first; from * minute <= now; from += 60)
		sums.push(...(await store.tally({ from: from * minute, to: (from + 60) * minute })));
	return sums;
}

function linesOf(sums: readonly LedgerSum[]): number {
	return sums.reduce((lines, sum) => lines + sum.lines, 0);
}

function sorted(sums: readonly LedgerSum[]): readonly LedgerSum[] {
	return sums.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function nameOf({ facets }: { readonly facets: LedgerFacets }): string {
	return JSON.stringify(Object.entries(facets).toSorted());
}

function together(sums: readonly LedgerSum[]): readonly LedgerSum[] {
	const byFacets = new Map<string, LedgerSum>();
	for (const sum of sums) {
		const before = byFacets.get(nameOf(sum));
		byFacets.set(
			nameOf(sum),
			before === undefined
				? sum
				: {
						...sum,
						lines: before.lines + sum.lines,
						latencies: latenciesTogether(before.latencies, sum.latencies),
						pricedLines: before.pricedLines + sum.pricedLines,
						costUsd: nanosOf(before.costUsd + sum.costUsd) / 1e9,
						comparedLines: before.comparedLines + sum.comparedLines,
						extraCostUsd: nanosOf(before.extraCostUsd + sum.extraCostUsd) / 1e9,
					},
		);
	}
	return [...byFacets.values()];
}

function latenciesTogether(
	one: ReadonlyMap<number, number>,
	other: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> {
	const all = new Map(one);
	for (const [bucket, lines] of other) all.set(bucket, (all.get(bucket) ?? 0) + lines);
	return all;
}

function nanosBySum(sums: readonly LedgerSum[]) {
	return Object.fromEntries(
		together(sums).map((sum) => [
			nameOf(sum),
			[
				sum.lines,
				[...sum.latencies].toSorted(([one], [other]) => one - other),
				sum.pricedLines,
				nanosOf(sum.costUsd),
				sum.comparedLines,
				nanosOf(sum.extraCostUsd),
			],
		]),
	);
}
