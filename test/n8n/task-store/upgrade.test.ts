import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { importWorkflows, modelAccounts } from '../review/imported-workflows.ts';
import { MailServer } from '../review/mail-server.ts';
import { N8nRest, reviewPageAnswers } from '../review/n8n-rest.ts';
import { nodes, pagePath, reviewedWorkflow, workflowId } from '../review/reviewed-workflow.ts';
import { testInstance, type TestInstance } from '../server/test-instance.ts';
import { startServer } from './processes.ts';
import { fixture010 } from './store-servers.ts';

describe('n8n, updated from version 0.1.0 of this package', () => {
	let instance: TestInstance;
	let mails: MailServer;
	let n8nFolder: string;
	let page: string;

	beforeAll(async () => {
		instance = await testInstance();
		n8nFolder = join(dirname(instance.n8n.logFile), '.n8n');
		fixture010.restoreEmbedded(join(n8nFolder, 'storage', 'n8n-nodes-resilient-llm', 'tasks.sqlite'));
		await mkdir(join(n8nFolder, 'binaryData'), { recursive: true });
		mails = await MailServer.start();
		const accounts = { ...modelAccounts(instance.providers), smtp: mails.account };
		await importWorkflows(instance.n8n, [reviewedWorkflow], accounts);
		page = `${instance.n8n.url}/webhook/${pagePath}`;
	});

	afterAll(async () => {
		await mails?.stop();
		await instance?.stop();
	});

	test('opens the links that were given out before, takes a decision and starts an execution with it', async () => {
		await instance.n8n.start();
		const n8n = await N8nRest.logIn(instance.n8n);
		await n8n.activate(workflowId, pagePath);
		const [token = ''] = fixture010.facts.links['pending']?.embedded ?? [];
		const shown = await fetch(`${page}?token=${token}`);
		expect([shown.status, await shown.text()]).toEqual([
			200,
			expect.stringContaining(String(fixture010.facts.tasks['pending']?.draft)),
		]);

		const decision = {
			token,
			decision: 'answer',
			answer: 'Decided after the update',
			reviewer: 'Grace Hopper',
			comment: '',
		};
		expect((await fetch(page, { method: 'POST', body: new URLSearchParams(decision) })).status).toBe(200);
		const decided = async () => {
			const [execution] = await n8n.executionsWith(workflowId, nodes.decision);
			expect(execution?.items(nodes.decision)).toMatchObject([
				{ taskId: 'pending', output: 'Decided after the update' },
			]);
		};
		await vi.waitFor(decided, { timeout: 60_000, interval: 500 });
	});

	test('has moved the store out of the folder that n8n is about to rename, and starts when n8n renames it', async () => {
		expect(existsSync(join(n8nFolder, 'storage'))).toBe(false);
		expect(await readdir(join(n8nFolder, 'n8n-nodes-resilient-llm'))).toContain('tasks.sqlite');
		await instance.n8n.stop();
		await startServer(instance.n8n, { N8N_MIGRATE_FS_STORAGE_PATH: 'true' });
		await reviewPageAnswers(page);
		expect([existsSync(join(n8nFolder, 'storage')), existsSync(join(n8nFolder, 'binaryData'))]).toEqual([true, false]);
	});
});
