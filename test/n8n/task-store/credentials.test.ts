import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { N8nApi } from './n8n-api.ts';
import { startServer } from './processes.ts';
import { postgresData, postgresType, redisData, redisType } from './store-credentials.ts';
import { freePort, postgresSuperuser, startPostgres, startRedis, type TestServer } from './store-servers.ts';

const passwords = { redis: 'the password of Redis', postgres: postgresSuperuser.password } as const;
const wrongPassword = 'nobody may read this';

describe("the connection test of a task store's credential", () => {
	let servers: Readonly<Record<'redis' | 'postgres', TestServer>>;
	let n8n: N8nInstance;
	let api: N8nApi;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		const [redis, postgres] = await Promise.all([startRedis('--requirepass', passwords.redis), startPostgres()]);
		servers = { redis, postgres };
		n8n = await N8nInstance.prepare({ userFolder });
		await startServer(n8n);
		api = await N8nApi.logIn(n8n.url);
	});

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all([servers?.redis.stop(), servers?.postgres.stop()]);
		await removeUserFolder?.();
	});

	describe.each([
		{ kind: 'redis', name: 'Redis', type: redisType, data: redisData },
		{ kind: 'postgres', name: 'PostgreSQL', type: postgresType, data: postgresData },
	] as const)('$name', ({ kind, name, type, data }) => {
		test('is content with the right data', async () => {
			expect(await api.testCredential(type, rightData())).toMatchObject({ status: 'OK' });
		});

		test('names the server that refuses a password, and keeps the password to itself', async () => {
			const { status, message } = await api.testCredential(type, { ...rightData(), password: wrongPassword });
			expect(status).toBe('Error');
			expect(message).toMatch(new RegExp(`^${name} at 127\\.0\\.0\\.1:${servers[kind].port}.* refuses .*password`));
			expect(message).not.toContain(wrongPassword);
		});

		test('names the address where no server is', async () => {
			const port = await freePort();
			const { status, message } = await api.testCredential(type, { ...rightData(), port });
			expect(status).toBe('Error');
			expect(message).toMatch(new RegExp(`^${name} at 127\\.0\\.0\\.1:${port}.* refuses the connection\\. Check `));
			expect(message).not.toContain(passwords[kind]);
		});

		function rightData(): object {
			return { ...data(servers[kind].port), password: passwords[kind] };
		}
	});
});
