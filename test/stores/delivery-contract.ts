import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DeliveryTerms } from '../../nodes/ResilientLlm/engine/store/deliveries';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import type { StoreWorld } from './contract';
import { DrivenTime } from './driven-time';
import { claimed, day, decision, escalation, hour, second } from './samples';

const leaseMs = 45 * second;
const to = 'workflow:trigger';
const terms: DeliveryTerms = { to, leaseMs, keepMs: 7 * day };

/** What every task store promises about decisions on their way into workflows. */
export function deliveryContract(name: string, createWorld: (time: DrivenTime) => Promise<StoreWorld>): void {
	describe(`${name}: the promises of deliveries`, () => {
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

		async function decided(id: string, delivery: DeliveryTerms | null = terms, retentionMs = 30 * day): Promise<void> {
			await store.escalate(await claimed(store, `key ${id}`), escalation({ tokenHash: id, retentionMs }));
			expect(await store.decide(`key ${id}`, decision(), delivery)).toMatchObject({
				kind: 'decided',
				record: { decision: { decisionId: id, delivered: delivery === null } },
			});
		}

		const handOver = async (changes: { to?: string; limit?: number; decisionId?: string } = {}, from = store) =>
			await from.handOver({ to, leaseMs, limit: 10, ...changes });
		const begin = async (decisionId: string, executionId: string, from = store) =>
			await from.beginDelivery({ decisionId, executionId, leaseMs });
		const isDelivered = async (id: string) => {
			const record = await open().get(`key ${id}`);
			return record?.state === 'resolved' && record.decision.delivered;
		};

		it('a decision is undelivered from the step that stores it until an execution with it has ended', async () => {
			await decided('a');
			expect(await isDelivered('a')).toBe(false);
			expect(await store.decide('key a', decision(), terms)).toMatchObject({
				record: { decision: { delivered: false } },
			});
			expect(await begin('a', '1')).toEqual({ kind: 'begun' });
			expect(await isDelivered('a')).toBe(false);
			await store.endDelivery('a');
			expect(await isDelivered('a')).toBe(true);
			expect(await store.findReview({ tokenHash: 'a' })).toMatchObject({
				decision: { delivered: true, decisionId: 'a' },
			});
			time.advance(hour);
			expect(await handOver()).toEqual([]);
		});

		it('a decision that nobody waits for is delivered at once', async () => {
			await decided('a', null);
			time.advance(hour);
			expect(await handOver()).toEqual([]);
			expect(await begin('a', '1')).toEqual({ kind: 'delivered' });
		});

		it('nothing is handed over twice within a lease, and everything after it', async () => {
			await decided('a');
			time.advance(leaseMs - second);
			expect(await handOver()).toEqual([]);
			time.advance(2 * second);
			expect(await handOver()).toEqual([{ decisionId: 'a', key: 'key a', count: 2 }]);
			expect(await handOver()).toEqual([]);
			time.advance(leaseMs + second);
			expect(await handOver()).toEqual([{ decisionId: 'a', key: 'key a', count: 3 }]);
		});

		it('one of many who ask at once gets a decision', async () => {
			const ids = Array.from({ length: 20 }, (_, index) => `d${index}`);
			for (const id of ids) await decided(id);
			time.advance(leaseMs + second);
			const others = [store, open(), open()];
			const taken = await Promise.all(
				Array.from({ length: 24 }, async (_, index) => await handOver({ limit: 4 }, others[index % 3])),
			);
			expect(
				taken
					.flat()
					.map(({ decisionId }) => decisionId)
					.toSorted(),
			).toEqual(ids.toSorted());
		});

		it('the longest waiting come first, as many as asked for', async () => {
			for (const id of ['c', 'a', 'b']) {
				await decided(id);
				time.advance(5 * second);
			}
			time.advance(leaseMs);
			const first = await handOver({ limit: 2 });
			expect(first.map(({ decisionId }) => decisionId).toSorted()).toEqual(['a', 'c']);
			expect(await handOver()).toMatchObject([{ decisionId: 'b' }]);
		});

		it('only who waits for a decision gets it', async () => {
			await decided('a');
			await decided('b', { ...terms, to: 'another:trigger' });
			time.advance(leaseMs + second);
			expect(await handOver({ to: 'nobody' })).toEqual([]);
			expect(await handOver({ decisionId: 'b' })).toEqual([]);
			expect(await handOver({ to: 'another:trigger', decisionId: 'b' })).toMatchObject([{ decisionId: 'b' }]);
			expect(await handOver({ decisionId: 'a' })).toMatchObject([{ decisionId: 'a' }]);
			expect(await handOver({ decisionId: 'a' })).toEqual([]);
			expect(await handOver({ decisionId: 'no such decision' })).toEqual([]);
		});

		it('an execution that gives signs of life keeps its decision for itself', async () => {
			await decided('a');
			await begin('a', '1');
			for (let beat = 0; beat < 5; beat++) {
				time.advance(leaseMs - second);
				expect(await begin('a', '1')).toEqual({ kind: 'begun' });
			}
			expect(await handOver()).toEqual([]);
			expect(await begin('a', '2')).toEqual({ kind: 'elsewhere', executionId: '1' });
			time.advance(leaseMs + second);
			expect(await handOver()).toMatchObject([{ decisionId: 'a', count: 2 }]);
		});

		it('of two executions with one decision the first to begin works on it', async () => {
			await decided('a');
			time.advance(leaseMs + second);
			await handOver();
			const kinds = (await Promise.all([begin('a', '1'), begin('a', '2', open())])).map(({ kind }) => kind);
			expect(kinds.toSorted()).toEqual(['begun', 'elsewhere']);
			await store.endDelivery('a');
			expect(await begin('a', '3')).toEqual({ kind: 'delivered' });
		});

		it('an execution that is started with a decision handed over again works on it, though another had begun', async () => {
			await decided('a');
			await begin('a', '1');
			time.advance(leaseMs + second);
			await handOver();
			expect(await begin('a', '2')).toEqual({ kind: 'begun' });
			expect(await begin('a', '1')).toEqual({ kind: 'elsewhere', executionId: '2' });
		});

		it('an execution that comes back after its decision was handed over again, but not begun, has it back', async () => {
			await decided('a');
			await begin('a', '1');
			time.advance(leaseMs + second);
			await handOver();
			expect(await begin('a', '1')).toEqual({ kind: 'begun' });
			expect(await begin('a', '2')).toEqual({ kind: 'elsewhere', executionId: '1' });
		});

		it('an execution takes over from one that fell silent', async () => {
			await decided('a');
			await begin('a', '1');
			time.advance(leaseMs + second);
			expect(await begin('a', '2')).toEqual({ kind: 'begun' });
			expect(await begin('a', '1')).toEqual({ kind: 'elsewhere', executionId: '2' });
		});

		it('beginning and ending may be repeated, and what nobody knows harms nobody', async () => {
			expect(await begin('nobody', '1')).toEqual({ kind: 'unknown' });
			await store.endDelivery('nobody');
			await store.escalate(await claimed(store, 'pending'), escalation({ tokenHash: 'pending' }));
			expect(await begin('pending', '1')).toEqual({ kind: 'unknown' });
			await decided('a');
			for (let repeat = 0; repeat < 2; repeat++) expect(await begin('a', '1')).toEqual({ kind: 'begun' });
			for (let repeat = 0; repeat < 2; repeat++) await store.endDelivery('a');
			expect(await isDelivered('a')).toBe(true);
		});

		it('a decision whose executions keep dying is handed over ever more seldom, but for ever', async () => {
			await decided('a');
			const waits: number[] = [];
			for (let handovers = 0; handovers < 12; handovers++) {
				let waited = 0;
				for (; (await handOver()).length === 0; waited++) time.advance(leaseMs);
				await begin('a', `${handovers}`);
				waits.push(waited);
			}
			expect(waits).toEqual([1, 1, 1, 2, 4, 8, 16, 32, 64, 64, 64, 64]);
		});

		it('a decision made in the last minute of its review is kept long enough to be delivered', async () => {
			await decided('a', terms, 60 * second);
			time.advance(6 * day);
			await store.prune();
			expect(await handOver()).toMatchObject([{ decisionId: 'a' }]);
			expect(await store.get('key a')).toMatchObject({
				state: 'resolved',
				payload: { prompt: 'Hi' },
				decision: decision(),
			});
			expect(await store.findReview({ tokenHash: 'a' })).toMatchObject({ state: 'resolved' });
			expect(await begin('a', '1')).toEqual({ kind: 'begun' });
		});

		it('what is forgotten is not handed over, and its next decision is another one', async () => {
			await decided('a', { ...terms, keepMs: 0 }, hour);
			time.advance(2 * hour);
			expect(await handOver()).toEqual([]);
			expect(await isDelivered('a')).toBe(false);
			await store.prune();
			await store.escalate(await claimed(store, 'key a', 'next'), escalation({ tokenHash: 'b' }));
			expect(await begin('a', '1')).toEqual({ kind: 'unknown' });
			await store.decide('key a', decision(), terms);
			time.advance(leaseMs + second);
			expect(await handOver()).toEqual([{ decisionId: 'b', key: 'key a', count: 2 }]);
		});

		it('lists what is undelivered, page by page, among everything else', async () => {
			for (const id of ['a', 'b', 'c', 'd', 'e']) {
				await decided(id, id === 'd' ? null : terms);
				time.advance(second);
			}
			await store.endDelivery('b');
			const query = { states: ['resolved'], undelivered: true, limit: 2 } as const;
			const first = await store.list(query);
			expect(first.records.map(({ identity }) => identity.key)).toEqual(['key e', 'key c']);
			const rest = await store.list({ ...query, cursor: first.cursor ?? '' });
			expect(rest.records).toMatchObject([{ identity: { key: 'key a' }, decision: { delivered: false } }]);
			expect(rest.cursor).toBeUndefined();
			const all = (await store.list({ states: ['resolved'], limit: 10 })).records;
			expect(all.map((record) => record.state === 'resolved' && record.decision.delivered)).toEqual([
				false,
				true,
				false,
				true,
				false,
			]);
		});
	});
}
