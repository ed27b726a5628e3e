import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CircuitStore } from '../../nodes/ResilientLlm/engine/store/circuit-store';
import { postgresCircuitStoreOn } from '../../nodes/ResilientLlm/stores/postgres/circuits';
import { connectPostgres } from '../../nodes/ResilientLlm/stores/postgres/connection';
import { redisCircuitStoreOn } from '../../nodes/ResilientLlm/stores/redis/circuits';
import { connectRedis } from '../../nodes/ResilientLlm/stores/redis/connection';
import { DrivenTime } from './driven-time';
import { postgresSuperuser, startPostgres, startRedis, type TestServer } from './servers';

const servers: Record<string, TestServer> = {};
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
	const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
	Object.assign(servers, { redis, postgres });
});

afterAll(async () => {
	await Promise.all(opened.map(async (connection) => await connection.close()));
	await Promise.all(Object.values(servers).map(async (server) => await server.stop()));
});

/** Opens one store as several processes would: each with a connection of its own. */
type Opener = () => CircuitStore;

const kinds: Readonly<Record<string, (time: DrivenTime) => Opener>> = {
	redis: (time) => {
		const keyPrefix = randomUUID();
		return () => {
			const connection = connectRedis({
				host: '127.0.0.1',
				port: servers.redis!.port,
				username: '',
				password: '',
				keyPrefix,
				clockShiftMs: time.shift,
			});
			opened.push(connection);
			return redisCircuitStoreOn(connection);
		};
	},
	postgres: (time) => {
		const schema = randomUUID();
		return () => {
			const connection = connectPostgres({
				host: '127.0.0.1',
				port: servers.postgres!.port,
				...postgresSuperuser,
				schema,
				clockShiftMs: time.shift,
			});
			opened.push(connection);
			return postgresCircuitStoreOn(connection);
		};
	},
};

describe.each(Object.entries(kinds))('open circuits in %s', (_, openerAt) => {
	function processes(count: number) {
		const time = new DrivenTime();
		const open = openerAt(time);
		return { time, stores: Array.from({ length: count }, open) as [CircuitStore, ...CircuitStore[]] };
	}

	it('are closed until somebody opens them, for all processes at once', async () => {
		const {
			stores: [one, other],
		} = processes(2);
		expect(await other!.read('target')).toBeUndefined();
		await one.open('target', 30_000, 2);
		const seen = await other!.read('target');
		expect(seen?.openings).toBe(2);
		expect(seen?.reopensInMs).toBeGreaterThan(25_000);
		expect(seen?.reopensInMs).toBeLessThanOrEqual(30_000);
		expect(await other!.read('another target')).toBeUndefined();
	});

	it('stay open as long as the longest opening asks', async () => {
		const {
			stores: [one, other],
		} = processes(2);
		await one.open('target', 300_000, 1);
		await other!.open('target', 30_000, 1);
		expect((await one.read('target'))?.reopensInMs).toBeGreaterThan(250_000);
	});

	it('let one process of many probe, not before the time, and another when the first never reports', async () => {
		const { time, stores } = processes(8);
		await stores[0].open('target', 30_000, 1);
		expect(await stores[0].claimProbe('target', 10_000)).toBe(false);
		time.advance(31_000);
		const won = await Promise.all(stores.map(async (store) => await store.claimProbe('target', 10_000)));
		expect(won.filter(Boolean)).toHaveLength(1);
		time.advance(11_000);
		expect(await stores[1]!.claimProbe('target', 10_000)).toBe(true);
	});

	it('are closed for all when a probe succeeds', async () => {
		const {
			stores: [one, other],
		} = processes(2);
		await one.open('target', 30_000, 1);
		await other!.close('target');
		expect(await one.read('target')).toBeUndefined();
		expect(await one.claimProbe('target', 10_000)).toBe(true);
	});

	it('are made once, though many processes begin at the same time', async () => {
		const { stores } = processes(10);
		await Promise.all(stores.map(async (store) => await store.open('target', 30_000, 1)));
		expect(await stores[0].read('target')).toBeDefined();
	});
});
