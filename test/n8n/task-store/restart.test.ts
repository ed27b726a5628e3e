import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { CountedModel } from './counted-model.ts';
import { deadlineSeconds, runInterrupted, summaryOf, type InterruptedRun } from './interrupted-run.ts';
import { N8nApi, untilRegistered } from './n8n-api.ts';
import { testOnceEach } from './once-each.ts';
import { kill, startServer, startServerAgain } from './processes.ts';
import { modelCredential } from './store-credentials.ts';
import { webhookWorkflow } from './webhook-workflow.ts';

describe('n8n with the embedded task store, killed and started again', () => {
	let model: CountedModel;
	let n8n: N8nInstance;
	let run: InterruptedRun;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		model = await CountedModel.start(400);
		n8n = await N8nInstance.prepare({ userFolder });
		const server = await startServer(n8n);
		const api = await N8nApi.logIn(n8n.url);
		const credentials = await modelCredential(api, model.url);
		const webhook = await api.publish(
			webhookWorkflow({ path: 'embedded', store: 'embedded', credentials, deadlineSeconds }),
			'embedded',
		);

		const runs = await runInterrupted({ embedded: webhook }, 20, model, {
			isVictims: () => true,
			kill: async () => await kill(server),
			startAnew: async () => {
				await startServerAgain(n8n);
				await untilRegistered(webhook);
			},
		});
		for (const [store, ofStore] of runs) {
			process.stderr.write(summaryOf(store, ofStore, model));
			run = ofStore;
		}
	});

	afterAll(async () => {
		await n8n?.stop();
		await model?.stop();
		await removeUserFolder?.();
	});

	testOnceEach(() => ({ run, model }));

	test('the killed n8n had work under way', () => {
		expect(run.underWay).not.toEqual([]);
	});
});
