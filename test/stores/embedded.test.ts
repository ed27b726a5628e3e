import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

import { createEmbeddedTaskStore } from '../../nodes/ResilientLlm/stores/embedded';
import { taskStoreContract } from './contract';
import { standingClock } from './driven-time';

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'embedded-store-'));
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

taskStoreContract('embedded', async (time) => {
	const file = join(await mkdtemp(join(folder, 'contract-')), 'storage', 'tasks.sqlite');
	return { open: () => createEmbeddedTaskStore({ file, clock: standingClock(time) }), clockToleranceMs: 0 };
});
