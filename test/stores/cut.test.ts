import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { TaskStoreError, type Lease, type TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { linesOf, taskLine } from './ledger-lines';
import { openStore, type StoreAddress } from './processes/store-address';
import { answer, claimed, day, decision, escalation, identityOf } from './samples';
import { postgresSuperuser, startPostgres, startRedis, type TestServer } from './servers';
import { startTcpProxy, type Line, type TcpProxy } from './tcp-proxy';

/** The stores' own limit for one operation. The machine that runs the tests may be slow, hence the allowance. */
const timeoutMs = 500;
const allowanceMs = 3000;

/** Replies are lost many at once, because each takes the time limit; PostgreSQL needs a connection for each. */
const rounds = 5;
const perRound = 20;

const servers = { redis: startRedis, postgres: startPostgres };

describe.each(['redis', 'postgres'] as const)('%s, when the line to it fails', (kind) => {
	let server: TestServer;
	let line: TcpProxy;
	let store: TaskStore;
	let besideTheLine: TaskStore;

	beforeAll(async () => {
		server = await servers[kind]();
	});

	afterAll(async () => {
		await server.stop();
	});

	beforeEach(async () => {
		line = await startTcpProxy(server.port);
		const name = randomUUID();
		const at = (port: number): StoreAddress =>
			kind === 'redis'
				? { kind, host: '127.0.0.1', port, username: '', password: '', keyPrefix: name, timeoutMs }
				: { kind, host: '127.0.0.1', port, ...postgresSuperuser, schema: name, timeoutMs, maxConnections: perRound };
		store = openStore(at(line.port));
		besideTheLine = openStore(at(server.port));
	});

	afterEach(async () => {
		await Promise.all([store.close(), besideTheLine.close()]);
		await line.stop();
	});

	it.each(['cut', 'silent'] as const)('fails promptly while the line is %s, and recovers by itself', async (broken) => {
		const lease = await claimed(store, 'a');
		for (let round = 0; round < 3; round++) {
			line.become(broken);
			for (const work of [
				() => store.complete(lease, answer()),
				() => store.get('a'),
				() => store.list({ states: [], limit: 10 }),
			])
				await expectPromptFailure(work);
			line.become('up');
			expect(await firstSuccess(() => store.get('a'))).toMatchObject({ state: 'processing' });
		}
		expect(await store.complete(lease, answer())).toBe('stored');
	});

	it.each(['cut', 'silent', 'deaf'] as const)(
		'fails every one of many calls that are under way when the line is %s',
		async (broken) => {
			await store.get('warm up');
			const work = Array.from({ length: 40 }, async (_, index) => {
				await expectPromptFailure(() =>
					store.claim({ identity: identityOf(`k${index}`), owner: `owner ${index}`, leaseMs: 60_000 }),
				);
			});
			line.become(broken);
			await Promise.all(work);
			line.become('up');
			await firstSuccess(() => store.get('a'));
		},
	);

	it('fails promptly when it was never up, and works once it is', async () => {
		line.become('cut');
		await expectPromptFailure(() => store.claim({ identity: identityOf('a'), owner: 'me', leaseMs: 60_000 }));
		line.become('up');
		expect(
			await firstSuccess(() => store.claim({ identity: identityOf('a'), owner: 'me', leaseMs: 60_000 })),
		).toMatchObject({ kind: 'acquired' });
	});

	it('lets a claim and an answer be repeated whose replies were lost', async () => {
		await store.get('warm up');
		const claim = { identity: identityOf('a'), owner: 'me', leaseMs: 60_000 };
		await withoutReply(() => store.claim(claim));
		expect(await besideTheLine.get('a')).toMatchObject({ state: 'processing' });
		const again = await firstSuccess(() => store.claim(claim));
		if (again.kind !== 'acquired') throw new Error(again.kind);

		const paidFor = answer('paid for', day, [taskLine()]);
		await withoutReply(() => store.complete(again.lease, paidFor));
		expect(await besideTheLine.get('a')).toMatchObject({ state: 'answered', payload: 'paid for' });
		expect(await firstSuccess(() => store.complete(again.lease, paidFor))).toBe('stored');
		expect(await linesOf(besideTheLine, 'task')).toBe(1);
	});

	it('tells a reviewer whose confirmation was lost that the decision stands', async () => {
		await store.escalate(await claimed(store, 'a'), escalation());
		await besideTheLine.decide('warm up', decision(), null);
		await withoutReply(() => store.decide('a', decision(), null));
		expect(await firstSuccess(() => store.decide('a', decision(), null))).toMatchObject({
			kind: 'already_decided',
			record: { decision: decision() },
		});
	});

	it(`delivers ${rounds * perRound} decisions, each once, though the reply to every step on their way is lost`, async () => {
		const delivery = { to: 'trigger', leaseMs: 0, keepMs: day };
		// Redis has to know the scripts, or it is their absence that the lost replies tell of.
		await besideTheLine.decide('warm up', decision(), null);
		await besideTheLine.handOver({ to: 'nobody', leaseMs: 1, limit: 1 });
		await besideTheLine.beginDelivery({ decisionId: 'warm up', executionId: '', leaseMs: 1 });
		await besideTheLine.endDelivery('warm up');
		for (let round = 0; round < rounds; round++) {
			const ids = Array.from({ length: perRound }, (_, index) => `decision ${round}.${index}`);
			const forEach = async <T>(work: (id: string) => Promise<T>) => await Promise.all(ids.map(work));
			const start = (decisionId: string) => ({ decisionId, executionId: `execution of ${decisionId}`, leaseMs: day });
			await forEach(
				async (id) => await besideTheLine.note(identityOf(id), { kind: 'escalated', ...escalation({ tokenHash: id }) }),
			);

			// As many connections as replies that are to be lost.
			const connected = async () => await forEach(async () => await firstSuccess(() => store.get('warm up')));
			await connected();
			await withoutReplies(ids, (id) => store.decide(id, decision(), delivery));
			// A busy server may still be at it when its caller has given up.
			const stateOf = async (id: string) => (await besideTheLine.get(id))?.state;
			await forEach(async (id) => await expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('resolved'));
			for (const id of ids) {
				const again = await firstSuccess(() => store.decide(id, decision(), delivery));
				expect(again).toMatchObject({ kind: 'already_decided', record: { decision: { delivered: false } } });
			}
			await withoutReplies(['all'], () => store.handOver({ to: 'trigger', leaseMs: 1, limit: perRound }));
			const taken = await firstSuccess(() => store.handOver({ to: 'trigger', leaseMs: day, limit: perRound }));
			expect(taken.map(({ decisionId }) => decisionId).toSorted()).toEqual(ids.toSorted());

			await connected();
			await withoutReplies(ids, (id) => store.beginDelivery(start(id)));
			for (const id of ids) expect(await firstSuccess(() => store.beginDelivery(start(id)))).toEqual({ kind: 'begun' });
			await connected();
			await withoutReplies(ids, (id) => store.endDelivery(id));
			for (const id of ids) {
				await firstSuccess(() => store.endDelivery(id));
				expect(await besideTheLine.beginDelivery({ ...start(id), executionId: 'another' })).toEqual({
					kind: 'delivered',
				});
			}
		}
		expect(await store.handOver({ to: 'trigger', leaseMs: day, limit: 1000 })).toEqual([]);
	}, 240_000);

	it('sends nothing later whose caller has been told that it failed', async () => {
		await store.get('warm up');
		line.become('cut');
		await Promise.all(
			Array.from(
				{ length: 20 },
				async (_, index) =>
					await expectPromptFailure(() =>
						store.claim({ identity: identityOf(`k${index}`), owner: 'me', leaseMs: 60_000 }),
					),
			),
		);
		line.become('up');
		await firstSuccess(() => store.get('a'));
		expect((await besideTheLine.list({ states: [], limit: 100 })).records).toEqual([]);
	});

	it('loses no answer under load, though the line is cut again and again', async () => {
		const done = new Map<string, Lease>();
		let failures = 0;
		let running = true;
		const workers = Array.from({ length: 4 }, async (_, worker) => {
			for (let task = 0; running; task++) {
				const key = `${worker}:${task}`;
				const claim = await untilItWorks(() =>
					store.claim({ identity: identityOf(key), owner: key, leaseMs: 600_000 }),
				);
				if (claim.kind !== 'acquired') throw new Error(`${key}: ${claim.kind}`);
				expect(await untilItWorks(() => store.complete(claim.lease, answer(key, day, [taskLine()])))).toBe('stored');
				done.set(key, claim.lease);
			}
		});
		for (const broken of ['cut', 'silent', 'cut', 'deaf'] satisfies Line[]) {
			const [before, doneBefore] = [failures, done.size];
			await soon(() => done.size > doneBefore + 20);
			line.become(broken);
			await soon(() => failures > before + 4);
			line.become('up');
		}
		const doneAtLast = done.size;
		await soon(() => done.size > doneAtLast + 20);
		running = false;
		await Promise.all(workers);

		for (const key of done.keys())
			expect(await besideTheLine.get(key)).toMatchObject({ state: 'answered', payload: key });
		expect(await linesOf(besideTheLine, 'task')).toBe(done.size);

		async function untilItWorks<T>(work: () => Promise<T>): Promise<T> {
			for (;;) {
				const result = await work().catch((error: unknown) => {
					expect(error).toBeInstanceOf(TaskStoreError);
					failures++;
					return undefined;
				});
				if (result !== undefined) return result;
			}
		}
	});

	async function withoutReply(work: () => Promise<unknown>): Promise<void> {
		await withoutReplies(['it'], work);
	}

	async function withoutReplies(ids: readonly string[], work: (id: string) => Promise<unknown>): Promise<void> {
		line.become('deaf');
		await Promise.all(ids.map(async (id) => await expectPromptFailure(async () => await work(id))));
		line.become('up');
	}
});

async function expectPromptFailure(work: () => Promise<unknown>): Promise<void> {
	const startedAt = performance.now();
	const result = await work().then(
		() => 'it worked',
		(error: unknown) => error,
	);
	expect(result).toBeInstanceOf(TaskStoreError);
	expect((result as Error).message).toMatch(
		/^(Redis|PostgreSQL) at 127\.0\.0\.1:\d+.* (closed the connection|does not answer|took too long)\. /,
	);
	expect(performance.now() - startedAt).toBeLessThan(timeoutMs + allowanceMs);
}

/**
 * What the store says when it works again. Its calls pace this loop: each takes as long as the store takes to notice.
 */
async function firstSuccess<T>(work: () => Promise<T>): Promise<T> {
	for (let attempt = 0; ; attempt++) {
		const result = await work().then(
			(value) => ({ value }),
			(error: unknown) => ({ error }),
		);
		if ('value' in result) return result.value;
		if (attempt > 20) throw result.error;
	}
}

async function soon(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
