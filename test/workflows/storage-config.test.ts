import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type * as Core from 'n8n-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { restoreEmbedded } from '../stores/fixtures/0.1.0/restore';
import { generate, useVendors } from './fixture';

const suite = useVendors();

const { StorageConfig } = createRequire(import.meta.url)('n8n-core') as typeof Core;

const n8nFolder = join(String(process.env.N8N_USER_FOLDER), '.n8n');

/** What n8n does with its folders when it starts, where it is told to by its setting, and as n8n 3 always does. */
function startN8n(): void {
	vi.stubEnv('N8N_MIGRATE_FS_STORAGE_PATH', 'true');
	for (const name of ['N8N_STORAGE_PATH', 'N8N_BINARY_DATA_STORAGE_PATH']) vi.stubEnv(name, undefined);
	let isMigrated = false;
	const instanceSettings = {
		n8nFolder,
		fsStorageMigrated: isMigrated,
		markFsStorageMigrated: () => (isMigrated = true),
	};
	const logger = { warn: () => undefined };
	const config = new StorageConfig(instanceSettings as never, logger as never);
	config.sanitize();
	expect(isMigrated).toBe(true);
}

describe('n8n, which renames its binaryData folder to storage when it starts', () => {
	beforeEach(() => {
		mkdirSync(join(n8nFolder, 'binaryData'), { recursive: true });
		writeFileSync(join(n8nFolder, 'binaryData', 'file'), 'of an execution');
	});

	afterEach(() => {
		vi.unstubAllEnvs();
		for (const name of ['binaryData', 'storage']) rmSync(join(n8nFolder, name), { recursive: true, force: true });
	});

	it('starts after this package has kept tasks in its embedded store', async () => {
		const { success } = await generate(suite.vendors, { items: [{ json: { text: 'Hello' } }], parameters: {} });
		expect(success).toHaveLength(1);
		expect(existsSync(join(n8nFolder, 'n8n-nodes-resilient-llm', 'tasks.sqlite'))).toBe(true);
		startN8n();
		expect(readdirSync(join(n8nFolder, 'storage'))).toEqual(['file']);
	});

	it('does not start beside the folder that version 0.1.0 made, and starts once this version has used the store', async () => {
		// This process has used its store before; in another one, the file of 0.1.0 is found at the first use.
		const former = join(n8nFolder, 'storage', 'n8n-nodes-resilient-llm', 'tasks.sqlite');
		rmSync(join(n8nFolder, 'n8n-nodes-resilient-llm'), { recursive: true, force: true });
		restoreEmbedded(former);
		expect(startN8n).toThrow(/storage/);
		const { success } = await generate(suite.vendors, { items: [{ json: { text: 'Hello' } }], parameters: {} });
		expect(success).toHaveLength(1);
		startN8n();
		expect(readdirSync(join(n8nFolder, 'storage'))).toEqual(['file']);
	});
});
