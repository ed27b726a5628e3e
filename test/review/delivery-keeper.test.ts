import { beforeEach, describe, expect, it } from 'vitest';

import { TaskStoreError, type TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import {
	deliveryLeaseMs,
	deliveryTo,
	lookForUndeliveredEveryMs,
	takeUndelivered,
} from '../../nodes/ResilientLlm/review/decision-delivery';
import {
	createDeliveryKeeper,
	type DeliveryKeeper,
	type KeptDelivery,
} from '../../nodes/ResilientLlm/review/delivery-keeper';
import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory/memory';
import { createVirtualClock, type VirtualClock } from '../engine/virtual-clock';
import { claimed, day, decision, escalation, hour, minute } from '../stores/samples';

const receiver = 'workflow:trigger';

let clock: VirtualClock;
let store: TaskStore;
let keeper: DeliveryKeeper;
let warnings: string[];
/** Calls of the store fail while this is set. */
let isDown: boolean;

beforeEach(async () => {
	clock = createVirtualClock();
	const memory = createMemoryTaskStore({ clock });
	const orDown =
		<Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
		async (...args: Args) => {
			if (isDown) throw new TaskStoreError('Redis does not answer');
			return await work(...args);
		};
	store = { ...memory, beginDelivery: orDown(memory.beginDelivery), endDelivery: orDown(memory.endDelivery) };
	keeper = createDeliveryKeeper(clock);
	warnings = [];
	isDown = false;
	await store.escalate(await claimed(store, 'a'), escalation({ tokenHash: 'a' }));
	await store.decide('a', decision(), deliveryTo(receiver));
});

const execution = (executionId: string): KeptDelivery => ({
	store,
	decisionId: 'a',
	executionId,
	warn: (what, why) => warnings.push(`${what}: ${why}`),
});
const pass = async (ms: number) => await clock.drive(clock.wait(ms, new AbortController().signal));
const undelivered = async () => (await takeUndelivered(store, receiver)).map(({ review }) => review.identity.key);

async function isDelivered(): Promise<boolean> {
	const record = await store.get('a');
	return record?.state === 'resolved' && record.decision.delivered;
}

describe('an execution with a decision', () => {
	it('keeps it to itself however long it takes, and has delivered it at its end', async () => {
		const long = execution('1');
		expect(await keeper.begin(long)).toEqual({ kind: 'begun' });
		expect(keeper.keeps('a')).toBe(true);
		for (let looks = 0; looks < 100; looks++) {
			await pass(lookForUndeliveredEveryMs);
			expect(await undelivered()).toEqual([]);
		}
		expect(await isDelivered()).toBe(false);
		await keeper.end(long);
		expect(await isDelivered()).toBe(true);
		expect(keeper.keeps('a')).toBe(false);
		await keeper.end(long);
		await pass(day);
		expect(await undelivered()).toEqual([]);
		expect(warnings).toEqual([]);
	});

	it('that dies loses it within a minute', async () => {
		expect(await keeper.begin(execution('1'))).toEqual({ kind: 'begun' });
		// Its process gives no more signs of life.
		const after = createVirtualClock(clock.now());
		const survivor = createDeliveryKeeper(after);
		let silentMs = 0;
		isDown = true;
		while ((await undelivered()).length === 0) {
			await pass(lookForUndeliveredEveryMs);
			silentMs += lookForUndeliveredEveryMs;
		}
		isDown = false;
		expect(silentMs).toBeGreaterThanOrEqual(deliveryLeaseMs);
		expect(silentMs).toBeLessThanOrEqual(minute);
		expect(await survivor.begin(execution('2'))).toEqual({ kind: 'begun' });
	});

	it('is told when another one works on it, or has ended with it, and then keeps nothing', async () => {
		await keeper.begin(execution('1'));
		const other = createDeliveryKeeper(clock);
		expect(await other.begin(execution('2'))).toEqual({ kind: 'elsewhere', executionId: '1' });
		expect(other.keeps('a')).toBe(false);
		await keeper.end(execution('1'));
		expect(await other.begin(execution('2'))).toEqual({ kind: 'delivered' });
		expect(other.keeps('a')).toBe(false);
	});

	it('stops giving signs of life when another one has taken over', async () => {
		const first = createDeliveryKeeper(clock);
		isDown = true;
		await first.begin(execution('1'));
		await pass(deliveryLeaseMs);
		isDown = false;
		await store.beginDelivery({ decisionId: 'a', executionId: '2', leaseMs: deliveryLeaseMs });
		await pass(20_000);
		await pass(deliveryLeaseMs);
		expect(await undelivered()).toEqual(['a']);
	});

	it('goes on when the store cannot be asked, says so once, and keeps its decision as soon as it can', async () => {
		isDown = true;
		expect(await keeper.begin(execution('1'))).toEqual({ kind: 'unreachable' });
		expect(keeper.keeps('a')).toBe(true);
		await pass(20_000);
		isDown = false;
		await pass(hour);
		expect(await undelivered()).toEqual([]);
		expect(warnings).toEqual([
			expect.stringMatching(
				/^The decision may arrive a second time, .*start.*: Redis does not answer$|^The decision may arrive a second time/,
			),
		]);
	});

	it('delivers after its end what it could not at its end, and its process starts no other meanwhile', async () => {
		await keeper.begin(execution('1'));
		isDown = true;
		await keeper.end(execution('1'));
		expect(warnings).toHaveLength(1);
		await pass(10 * minute);
		expect(keeper.keeps('a')).toBe(true);
		isDown = false;
		await pass(minute);
		expect(await isDelivered()).toBe(true);
		expect(keeper.keeps('a')).toBe(false);
	});

	it('is not handed over to another process while its end cannot be stored, if only the store hears signs of life', async () => {
		await keeper.begin(execution('1'));
		const endless = {
			...store,
			endDelivery: async () => await Promise.reject(new TaskStoreError('Redis does not answer')),
		};
		await keeper.end({ ...execution('1'), store: endless });
		await pass(10 * minute);
		expect(await undelivered()).toEqual([]);
	});

	it('gives no sign of life after its end', async () => {
		await keeper.begin(execution('1'));
		await keeper.end(execution('1'));
		isDown = true;
		let asked = 0;
		store.beginDelivery = async () => await Promise.reject(new Error(`asked ${asked++}`));
		await pass(hour);
		expect(asked).toBe(0);
	});

	it('keeps nothing for ever when the store never comes back', async () => {
		await keeper.begin(execution('1'));
		isDown = true;
		await keeper.end(execution('1'));
		await pass(2 * hour);
		expect(keeper.keeps('a')).toBe(false);
	});
});

describe('where executions cannot tell how they get on', () => {
	it('a decision counts as delivered when n8n has had time to take it', async () => {
		keeper.endSoon(store, 'a');
		await pass(5_000);
		expect(await isDelivered()).toBe(false);
		await pass(6_000);
		expect(await isDelivered()).toBe(true);
	});
});

describe('undelivered decisions', () => {
	it('are given with their content to who waits for them, one lease after the last sign of life', async () => {
		expect(await undelivered()).toEqual([]);
		await pass(deliveryLeaseMs);
		expect(await takeUndelivered(store, 'another:trigger')).toEqual([]);
		expect(await takeUndelivered(store, receiver)).toMatchObject([
			{ handover: 2, review: { identity: { key: 'a' }, decision: decision() } },
		]);
		expect(await undelivered()).toEqual([]);
	});

	it('are not given when an execution ends with them at that moment', async () => {
		await pass(deliveryLeaseMs);
		const ending: TaskStore = {
			...store,
			async handOver(request) {
				const taken = await store.handOver(request);
				await store.endDelivery('a');
				return taken;
			},
		};
		expect(await takeUndelivered(ending, receiver)).toEqual([]);
	});

	it('are not given when their record belongs to another decision by then', async () => {
		await pass(deliveryLeaseMs);
		const reused: TaskStore = {
			...store,
			async get(key) {
				const record = await store.get(key);
				return record?.state === 'resolved'
					? { ...record, decision: { ...record.decision, decisionId: 'another' } }
					: record;
			},
		};
		expect(await takeUndelivered(reused, receiver)).toEqual([]);
	});
});
