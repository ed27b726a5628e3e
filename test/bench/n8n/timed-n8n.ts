import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { showProgress } from '../../n8n/install/progress.ts';
import { removeOnExit } from '../../n8n/install/remove-on-exit.ts';
import { N8nRest } from '../../n8n/review/n8n-rest.ts';
import { N8nInstance } from '../../n8n/server/n8n-instance.ts';
import { untilRegistered } from '../../n8n/task-store/n8n-api.ts';
import type { ImportedWorkflow } from './workflows.ts';

const endWithinMs = 300_000;
const pollMs = 200;

/** As n8n lists an execution. */
interface Listed {
	readonly id: string;
	readonly status: string;
	readonly startedAt: string;
	readonly stoppedAt: string | null;
}

/** A real n8n with published workflows, each started by a webhook as in production. */
export interface TimedN8n {
	/** Runs a workflow to its end. Gives what n8n itself recorded, in s. */
	run(workflowId: string): Promise<number>;
	stop(): Promise<void>;
}

export async function startTimedN8n(
	workflows: readonly ImportedWorkflow[],
	credentials: readonly object[],
): Promise<TimedN8n> {
	const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-bench-'));
	const removeUserFolder = removeOnExit(userFolder);
	const n8n = await N8nInstance.prepare({ userFolder });
	const stop = async () => {
		await n8n.stop();
		await removeUserFolder();
	};
	try {
		const file = async (name: string, content: unknown) => {
			await writeFile(join(userFolder, name), JSON.stringify(content));
			return `--input=${join(userFolder, name)}`;
		};
		const credentialsFile = await file('credentials.json', credentials);
		const workflowsFile = await file('workflows.json', workflows);
		await showProgress('Setting up n8n', async () => {
			await n8n.command(['import:credentials', credentialsFile]);
			await n8n.command(['import:workflow', workflowsFile]);
			await n8n.start();
		});
		const rest = await N8nRest.logIn(n8n);
		for (const { id } of workflows) {
			await rest.activate(id);
			await untilRegistered(`${n8n.url}/webhook/${id}`);
		}
		return { run: async (workflowId) => await run(n8n, rest, workflowId), stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

async function run(n8n: N8nInstance, rest: N8nRest, workflowId: string): Promise<number> {
	const list = async () => (await rest.list(workflowId)) as unknown as readonly Listed[];
	const before = new Set((await list()).map(({ id }) => id));
	const response = await fetch(`${n8n.url}/webhook/${workflowId}`, { method: 'POST' });
	if (!response.ok) throw new Error(`${workflowId} did not start: ${response.status} ${await response.text()}`);
	for (const startedAt = Date.now(); ; await sleep(pollMs)) {
		const execution = (await list()).find(({ id }) => !before.has(id));
		if (execution?.status === 'success' && execution.stoppedAt !== null)
			return (Date.parse(execution.stoppedAt) - Date.parse(execution.startedAt)) / 1000;
		if (execution?.status === 'error' || execution?.status === 'crashed')
			throw new Error(`${workflowId} failed; n8n’s log is in ${n8n.logFile}`);
		if (Date.now() - startedAt > endWithinMs)
			throw new Error(`${workflowId} did not end within ${endWithinMs / 1000} s`);
	}
}
