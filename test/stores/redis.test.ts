import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { createRedisTaskStore, type RedisStoreSettings } from '../../nodes/ResilientLlm/stores/redis/redis';
import type { StoreNotice } from '../../nodes/ResilientLlm/stores/store-notice';
import { certificatesCanBeMade, createCertificate } from './certificate';
import { taskStoreContract } from './contract';
import { deliveryContract } from './delivery-contract';
import { DrivenTime } from './driven-time';
import { expectToWork, failureOf, reasonOf } from './failure';
import { ledgerContract } from './ledger-contract';
import { sameAsMemory } from './model';
import { answer, claimed, day, decision, escalation, hour, identityOf, leaseMs } from './samples';
import { freePort, startRedis, type TestServer } from './servers';

let server: TestServer;

beforeAll(async () => {
	server = await startRedis();
});

afterAll(async () => {
	await server.stop();
});

const createStore = (settings: Partial<RedisStoreSettings> = {}) =>
	createRedisTaskStore({
		host: '127.0.0.1',
		port: server.port,
		username: '',
		password: '',
		keyPrefix: randomUUID(),
		...settings,
	});

const world = async (time: DrivenTime) => {
	const keyPrefix = randomUUID();
	return { open: () => createStore({ keyPrefix, clockShiftMs: time.shift }), clockToleranceMs: 2000 };
};

taskStoreContract('redis', world);

ledgerContract('redis', world);

deliveryContract('redis', world);

sameAsMemory('redis', async (time) => createStore({ clockShiftMs: time.shift }));

describe('the Redis store', () => {
	let admin: Redis;
	let opened: TaskStore[];
	let folder: string;

	const open = (settings: Partial<RedisStoreSettings> = {}) => {
		const another = createStore(settings);
		opened.push(another);
		return another;
	};

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'redis-test-'));
		admin = new Redis(server.port, '127.0.0.1');
	});

	afterAll(async () => {
		admin.disconnect();
		await rm(folder, { recursive: true });
	});

	beforeEach(async () => {
		opened = [];
		await admin.flushall();
	});

	afterEach(async () => {
		await Promise.all(opened.map(async (one) => await one.close()));
	});

	const where = () => `Redis at 127.0.0.1:${server.port}`;

	it('keeps all it writes behind its prefix, in one slot of a cluster', async () => {
		const store = open({ keyPrefix: 'mine' });
		await store.escalate(await claimed(store, 'a'), escalation());
		await store.decide('a', decision(), { to: 'trigger', leaseMs: 0, keepMs: day });
		await store.complete(await claimed(store, 'b'), answer());
		const keys = await admin.keys('*');
		expect(keys.length).toBeGreaterThan(5);
		for (const key of keys) expect(key).toMatch(/^\{mine\}:/);
	});

	it('does not meet a store with another prefix, or in another database', async () => {
		await claimed(open({ keyPrefix: 'one' }), 'a');
		await claimed(open({ keyPrefix: 'two' }), 'a');
		await claimed(open({ keyPrefix: 'one', database: 3 }), 'a');
	});

	it('refuses a prefix that would spread its keys over a cluster', () => {
		expect(() => createStore({ keyPrefix: 'a{b}c' })).toThrow('cannot be a key prefix');
	});

	it('works on a node of a cluster, which refuses scripts that leave their slot', async () => {
		const cluster = await startRedis('--cluster-enabled', 'yes');
		const node = new Redis(cluster.port, '127.0.0.1');
		await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
		while (!String(await node.cluster('INFO')).includes('cluster_state:ok'))
			await new Promise((resolve) => setImmediate(resolve));
		const time = new DrivenTime();
		const store = open({ port: cluster.port, clockShiftMs: time.shift });
		await store.escalate(await claimed(store, 'a'), escalation());
		await store.addReviewLink('a', 'another');
		await store.findReview({ tokenHash: 'another' });
		await store.findReview({ taskId: 'task of a' });
		await store.decide('a', decision(), { to: 'trigger', leaseMs: 0, keepMs: day });
		await store.handOver({ to: 'trigger', leaseMs: 0, limit: 1 });
		await store.beginDelivery({ decisionId: 'token-1', executionId: '1', leaseMs: 0 });
		await store.endDelivery('no such decision');
		await store.note(identityOf('a'), { kind: 'answered', ...answer(null) });
		expect((await store.list({ states: [], limit: 10 })).records).toHaveLength(2);
		time.advance(60 * day);
		expect(await store.prune()).toBe(2);
		expect(await node.keys('*')).toEqual([expect.stringMatching(/:link:another$/)]);
		node.disconnect();
		await store.close();
		await cluster.stop();
	});

	it('lets no decision disappear before its time, and leaves nothing of one that is delivered', async () => {
		const store = open({ keyPrefix: 'p', recordRetentionMs: hour });
		await store.escalate(await claimed(store, 'a'), escalation({ retentionMs: hour }));
		await store.decide('a', decision(), { to: 'trigger', leaseMs: 0, keepMs: 7 * day });
		const keys = ['content:a', 'task:a', 'token:token-1', 'deliver:trigger'];
		for (const key of keys) expect((await admin.pttl(`{p}:${key}`)) / hour, key).toBeGreaterThan(7 * 24);
		const reviews = await admin.keys('{p}:reviews:*');
		expect((await admin.pttl(String(reviews[0]))) / hour).toBeGreaterThan(7 * 24);
		await store.endDelivery('token-1');
		expect(await admin.keys('*deliver*')).toEqual([]);
		expect(Object.keys(await admin.hgetall('{p}:task:a'))).not.toEqual(expect.arrayContaining(['receiver']));
	});

	it('lets the server drop content and records by itself, though not before their time', async () => {
		const store = open({ keyPrefix: 'p' });
		await store.complete(await claimed(store, 'answer'), answer('text', hour));
		await store.escalate(await claimed(store, 'review'), escalation({ retentionMs: 2 * day }));
		await claimed(store, 'working');
		const remaining = async (key: string) => (await admin.pttl(`{p}:${key}`)) / hour;
		expect(await remaining('content:answer')).toBeCloseTo(1 + 1, 1);
		expect(await remaining('content:review')).toBeCloseTo(48 + 1, 1);
		expect(await remaining('task:answer')).toBeCloseTo(30 * 24 + 1 + 1, 1);
		expect(await remaining('token:token-1')).toBeCloseTo(32 * 24 + 1, 1);
		expect(await remaining('task:working')).toBeCloseTo(30 * 24 + 1, 0);
	});

	it('copes with records that the server has dropped before anybody pruned', async () => {
		const store = open({ keyPrefix: 'p' });
		await store.escalate(await claimed(store, 'gone'), escalation());
		await claimed(store, 'there');
		await admin.del('{p}:task:gone', '{p}:content:gone');
		expect(await store.get('gone')).toBeUndefined();
		expect(await store.findReview({ tokenHash: 'token-1' })).toBeUndefined();
		expect(await store.findReview({ taskId: 'task of gone' })).toBeUndefined();
		expect((await store.list({ states: [], limit: 10 })).records).toHaveLength(1);
		await claimed(store, 'gone');
	});

	it('runs a task again whose content the server has evicted, says so, and keeps a rejection', async () => {
		const notices: StoreNotice[] = [];
		const store = open({ keyPrefix: 'p', tell: (notice) => notices.push(notice) });
		const claim = async (key: string, fingerprint?: string) =>
			await store.claim({
				identity: identityOf(key, fingerprint === undefined ? {} : { fingerprint }),
				owner: 'later',
				leaseMs,
			});
		await store.complete(await claimed(store, 'answer'), answer('text', hour));
		for (const key of ['pending', 'approved', 'rejected'])
			await store.escalate(await claimed(store, key), escalation({ tokenHash: key }));
		await store.decide('approved', decision(), null);
		await store.decide('rejected', decision({ decision: 'reject', output: null }), null);
		const keys = ['answer', 'pending', 'approved', 'rejected'];
		await admin.del(...keys.map((key) => `{p}:content:${key}`));

		expect(await claim('answer', 'another input')).toEqual({ kind: 'mismatch' });
		expect(notices).toEqual([]);
		expect((await Promise.all(keys.map(async (key) => await claim(key)))).map(({ kind }) => kind)).toEqual([
			'acquired',
			'acquired',
			'acquired',
			'finished',
		]);
		const words = expect.stringMatching(
			/^Redis at .* has evicted the stored result of a task before its time, so the task runs again\. Set maxmemory-policy to noeviction/,
		);
		expect(notices).toEqual(Array.from({ length: 3 }, () => ({ kind: 'loss', words })));
	});

	it('leaves nothing behind: not after a release, not after everything was pruned', async () => {
		const time = new DrivenTime();
		const store = open({ clockShiftMs: time.shift });
		await store.release(await claimed(store, 'a'));
		expect(await admin.keys('*')).toEqual([]);

		await store.complete(await claimed(store, 'a'), answer());
		await store.escalate(await claimed(store, 'b'), escalation());
		await store.decide('b', decision(), null);
		await store.escalate(await claimed(store, 'c'), escalation({ tokenHash: 'c' }));
		time.advance(8 * day);
		await claimed(store, 'c', 'after the review expired');
		time.advance(31 * day);
		await store.prune();
		expect(await admin.keys('*')).toEqual([]);
	});

	it('drops content when it prunes, and keeps the numbers', async () => {
		const time = new DrivenTime();
		const store = open({ keyPrefix: 'p', clockShiftMs: time.shift });
		await store.complete(await claimed(store, 'a'), answer('text', hour));
		time.advance(2 * hour);
		await store.prune();
		expect(await admin.exists('{p}:content:a')).toBe(0);
		expect(await admin.exists('{p}:task:a')).toBe(1);
	});

	it('goes on when the server has forgotten the scripts', async () => {
		const store = open();
		const lease = await claimed(store, 'a');
		await admin.script('FLUSH');
		expect(await store.complete(lease, answer())).toBe('stored');
	});

	it('names the address nobody listens on', async () => {
		const port = await freePort();
		expect(await failureOf(open({ port }))).toBe(
			`Redis at 127.0.0.1:${port} refuses the connection. Check host, port and SSL in the credential, and that the server runs. (connect ECONNREFUSED 127.0.0.1:${port})`,
		);
	});

	it('names the host nobody knows', async () => {
		expect(await failureOf(open({ host: 'no-such-host.invalid' }))).toMatch(
			/^Redis at no-such-host\.invalid:\d+ has a host name that (nobody knows|cannot be looked up)/,
		);
	});

	it('says that the server asks for a password, and that one is wrong', async () => {
		const guarded = await startRedis('--requirepass', 's3cret');
		expect(await failureOf(open({ port: guarded.port }))).toMatch(
			`Redis at 127.0.0.1:${guarded.port} asks for a password. Give one in the credential.`,
		);
		expect(await failureOf(open({ port: guarded.port, password: 'wr0ng' }))).toMatch(
			`Redis at 127.0.0.1:${guarded.port} refuses user or password. Check both in the credential.`,
		);
		expect(await failureOf(open({ port: guarded.port, username: 'somebody', password: 'wr0ng' }))).toMatch(
			'refuses user or password',
		);
		await expectToWork(open({ port: guarded.port, password: 's3cret' }));
		await guarded.stop();
	});

	it('says that a right is missing, and needs no more than its own keys', async () => {
		await admin.acl('SETUSER', 'reader', 'on', '>s3cret', '~*', '+@read', '+@connection', '+info');
		expect(await failureOf(open({ username: 'reader', password: 's3cret' }))).toMatch(
			`${where()} denies a right. Allow the user of the credential`,
		);
		await admin.acl(
			'SETUSER',
			'own',
			'on',
			'>s3cret',
			'~{own}:*',
			'+@read',
			'+@write',
			'+@scripting',
			'+@connection',
			'+time',
		);
		await expectToWork(open({ keyPrefix: 'own', username: 'own', password: 's3cret' }));
		expect(await failureOf(open({ keyPrefix: 'other', username: 'own', password: 's3cret' }))).toMatch(
			'denies a right',
		);
	});

	it('says that the server is full, keeps what it has, and goes on when there is space', async () => {
		const small = await startRedis('--maxmemory', '3mb', '--maxmemory-policy', 'noeviction');
		const store = open({ port: small.port });
		await store.complete(await claimed(store, 'kept'), answer('kept'));
		const lease = await claimed(store, 'large');
		await store.complete(await claimed(store, 'filler'), answer('x'.repeat(3_000_000))).catch(() => undefined);
		expect(await reasonOf(() => store.complete(lease, answer()))).toMatch(
			`Redis at 127.0.0.1:${small.port} is out of memory. Raise maxmemory on the server`,
		);
		expect(await store.get('kept')).toMatchObject({ payload: 'kept' });
		const smallAdmin = new Redis(small.port, '127.0.0.1');
		await smallAdmin.config('SET', 'maxmemory', '50mb');
		expect(await store.complete(lease, answer())).toBe('stored');
		smallAdmin.disconnect();
		await small.stop();
	});

	it('says that the server is a replica', async () => {
		const replica = await startRedis('--replicaof', '127.0.0.1', String(server.port));
		const store = open({ port: replica.port });
		expect(await reasonOf(() => claimed(store, 'a'))).toMatch(
			`Redis at 127.0.0.1:${replica.port} takes no writes: it is a replica. Give the primary server in the credential.`,
		);
		await store.close();
		await replica.stop();
	});

	it('says that there is no such database', async () => {
		expect(await failureOf(open({ database: 99 }))).toMatch(`${where()} has no such database number.`);
	});

	it.skipIf(!certificatesCanBeMade)('speaks TLS, and says whose certificate it does not trust', async () => {
		const { certFile, keyFile, pem } = await createCertificate(folder, 'redis.test');
		const guarded = await startRedis(
			'--tls-port',
			'--tls-cert-file',
			certFile,
			'--tls-key-file',
			keyFile,
			'--tls-auth-clients',
			'no',
		);
		const { port } = guarded;
		await expectToWork(open({ port, tls: { ca: pem, serverName: 'redis.test' } }));
		await expectToWork(open({ port, tls: { verify: false } }), 'unverified');
		expect(await failureOf(open({ port, tls: {} }))).toMatch(
			'shows a certificate that it signed itself. Make its authority known to n8n',
		);
		expect(await failureOf(open({ port, tls: { ca: pem, serverName: 'other.test' } }))).toMatch(
			'shows a certificate for another host name',
		);
		expect(await failureOf(open({ port, timeoutMs: 500 }))).toMatch(/closed the connection|does not answer/);
		expect(await failureOf(open({ tls: { verify: false }, timeoutMs: 500 }))).toMatch(
			/does not speak TLS as expected|closed the connection|does not answer/,
		);
		await guarded.stop();
	});
});
