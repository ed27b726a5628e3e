import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';

import { createPostgresTaskStore } from '../../nodes/ResilientLlm/stores/postgres';
import { taskStoreContract } from './contract';
import { postgresSuperuser, startPostgres, type TestServer } from './servers';

let server: TestServer;

beforeAll(async () => {
	server = await startPostgres();
});

afterAll(async () => {
	await server.stop();
});

taskStoreContract('postgres', async (time) => {
	const settings = { ...postgresSuperuser, host: '127.0.0.1', port: server.port, schema: `Contract ${randomUUID()}`, clockShiftMs: time.shift };
	return { open: () => createPostgresTaskStore(settings), clockToleranceMs: 2000 };
});
