import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nRest, type Execution } from '../review/n8n-rest.ts';
import { N8nInstance, type Environment } from '../server/n8n-instance.ts';
import { N8nApi, untilRegistered } from '../task-store/n8n-api.ts';
import { heard, type Heard } from './heard.ts';
import { VendorServer, type Plan } from './vendors/vendor-server.ts';
import { callUrl, type TriggerOptions } from './workflows/triggers.ts';
import { Publisher, type Draft } from './workflows/workflow.ts';

const registeredWithinMs = 60_000;
const pollMs = 100;

export interface PublishedAgent {
	readonly id: string;
	readonly url: string;
	readonly streamed: boolean;
}

/** A real n8n with agents in it, and vendors that fail as planned. */
export class AgentN8n {
	readonly n8n: N8nInstance;
	readonly vendors: VendorServer;
	readonly rest: N8nRest;
	private readonly api: N8nApi;
	private readonly publisher: Publisher;
	private readonly removeUserFolder: () => Promise<void>;

	private constructor(
		n8n: N8nInstance,
		vendors: VendorServer,
		rest: N8nRest,
		api: N8nApi,
		removeUserFolder: () => Promise<void>,
	) {
		this.n8n = n8n;
		this.vendors = vendors;
		this.rest = rest;
		this.api = api;
		this.publisher = new Publisher(api);
		this.removeUserFolder = removeUserFolder;
	}

	/** `beforeUse` runs once the server is up, for example to start workers. */
	static async start(
		environment: Environment = {},
		beforeUse?: (n8n: N8nInstance, userFolder: string) => Promise<void>,
	): Promise<AgentN8n> {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		const removeUserFolder = removeOnExit(userFolder);
		const vendors = await VendorServer.start();
		const n8n = await N8nInstance.prepare({ userFolder, environment });
		try {
			await n8n.start();
			await beforeUse?.(n8n, userFolder);
			return new AgentN8n(n8n, vendors, await N8nRest.logIn(n8n), await N8nApi.logIn(n8n.url), removeUserFolder);
		} catch (error) {
			await n8n.stop();
			await vendors.stop();
			await removeUserFolder();
			throw error;
		}
	}

	async stop(): Promise<void> {
		await this.n8n.stop();
		await this.vendors.stop();
		await this.removeUserFolder();
	}

	/** Puts a workflow into n8n and resolves when it can be called. */
	async publish(draft: Draft, trigger: TriggerOptions): Promise<PublishedAgent> {
		const id = await this.api.saveAndPublish(await this.publisher.workflow(draft));
		const url = callUrl(this.n8n.url, draft.path, trigger);
		await (trigger.kind === 'chat' ? untilChatAnswers(url) : untilRegistered(url));
		return { id, url, streamed: trigger.streamed };
	}

	/** Asks a workflow what the plan's script asks. `name` is the plan's and finds the execution again. */
	async ask(workflow: PublishedAgent, name: string, plan: Plan, limitMs: number, more: object = {}): Promise<Heard> {
		const addresses = await this.vendors.plan(name, plan);
		const body = {
			action: 'sendMessage',
			plan: name,
			chatInput: plan.script.question,
			sessionId: name,
			...addresses,
			...more,
		};
		return await heard(workflow.url, body, workflow.streamed, limitMs);
	}

	/** Stops what still runs of a workflow, and gives all its executions by the names of their plans. */
	async executions({ id }: PublishedAgent): Promise<ReadonlyMap<string, Execution>> {
		const listed = await this.rest.list(id);
		const running = listed.filter(({ status }) => status === 'running' || status === 'new');
		await Promise.all(running.map((execution) => this.rest.stop(execution.id)));
		const byPlan = new Map<string, Execution>();
		for (const { id: executionId } of listed) {
			const execution = await this.rest.ended(executionId);
			const [sent] = execution.items('Start');
			const { plan } = ((sent?.['body'] as object | undefined) ?? sent ?? {}) as { plan?: string };
			if (plan !== undefined) byPlan.set(plan, execution);
		}
		return byPlan;
	}
}

/** A chat takes this call without running the workflow. */
async function untilChatAnswers(url: string): Promise<void> {
	const until = Date.now() + registeredWithinMs;
	const body = JSON.stringify({ action: 'loadPreviousSession', sessionId: 'none' });
	for (;;) {
		const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
		await response.arrayBuffer();
		if (response.ok) return;
		if (Date.now() > until) throw new Error(`${url} does not answer: ${response.status}`);
		await sleep(pollMs);
	}
}
