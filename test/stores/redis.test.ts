import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';

import { createRedisTaskStore } from '../../nodes/ResilientLlm/stores/redis';
import { taskStoreContract } from './contract';
import { startRedis, type TestServer } from './servers';

let server: TestServer;

beforeAll(async () => {
	server = await startRedis();
});

afterAll(async () => {
	await server.stop();
});

taskStoreContract('redis', async (time) => {
	const settings = { host: '127.0.0.1', port: server.port, username: '', password: '', keyPrefix: randomUUID(), clockShiftMs: time.shift };
	return { open: () => createRedisTaskStore(settings), clockToleranceMs: 2000 };
});
