import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nInstance } from '../server/n8n-instance.ts';
import { owner } from '../server/owner.ts';
import { unflatten } from './unflatten.ts';

const endWithinMs = 120_000;
const pollMs = 250;

export type Json = Readonly<Record<string, unknown>>;

interface RunData {
	readonly resultData: {
		readonly error?: { readonly message: string };
		readonly runData: Readonly<
			Record<
				string,
				readonly { readonly data?: { readonly main: readonly (readonly { readonly json: Json }[] | null)[] } }[]
			>
		>;
	};
}

type Outputs = readonly (readonly { readonly json: Json }[] | null)[];

/** One run of a tool, as n8n keeps it. */
interface ToolRunData {
	readonly inputOverride?: { readonly ai_tool?: Outputs };
	readonly data?: { readonly ai_tool?: Outputs };
	readonly error?: { readonly message: string };
}

/** What a tool was run with and what it gave. */
export interface ToolRun {
	readonly input: Json | undefined;
	readonly output: Json | undefined;
	readonly error: string | undefined;
}

/** One execution, as n8n keeps it. */
export class Execution {
	readonly id: string;
	readonly status: string;
	private readonly data: RunData;

	constructor(id: string, status: string, data: RunData) {
		this.id = id;
		this.status = status;
		this.data = data;
	}

	/** What came out of a node, in all its runs; nothing when it did not run. */
	items(node: string, output = 0): readonly Json[] {
		return (this.data.resultData.runData[node] ?? [])
			.flatMap((run) => run.data?.main[output] ?? [])
			.map(({ json }) => json);
	}

	ran(node: string): boolean {
		return this.data.resultData.runData[node] !== undefined;
	}

	/** All runs of a tool, the first one first. */
	toolRuns(node: string): readonly ToolRun[] {
		const runs = (this.data.resultData.runData[node] ?? []) as readonly ToolRunData[];
		return runs.map(({ inputOverride, data, error }) => ({
			input: inputOverride?.ai_tool?.[0]?.[0]?.json,
			output: data?.ai_tool?.[0]?.[0]?.json,
			error: error?.message,
		}));
	}

	get error(): string | undefined {
		return this.data.resultData.error?.message;
	}

	/** Everything n8n keeps of it. */
	get text(): string {
		return JSON.stringify(this.data);
	}
}

interface ListedExecution {
	readonly id: string;
	readonly status: string;
}

/** What n8n's editor can do, asked of the REST API it talks to. */
export class N8nRest {
	private readonly url: string;
	private readonly cookie: string;

	private constructor(url: string, cookie: string) {
		this.url = url;
		this.cookie = cookie;
	}

	static async logIn({ url }: N8nInstance): Promise<N8nRest> {
		const response = await fetch(`${url}/rest/login`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ emailOrLdapLoginId: owner.email, password: owner.password }),
		});
		if (!response.ok) throw new Error(`Nobody could log in to n8n: ${response.status} ${await response.text()}`);
		return new N8nRest(
			url,
			response.headers
				.getSetCookie()
				.map((cookie) => cookie.split(';')[0])
				.join('; '),
		);
	}

	/** Publishes a workflow, and waits until its review page answers where it has one. */
	async activate(workflowId: string, pagePath?: string): Promise<void> {
		const { versionId } = (await this.call('GET', `/workflows/${workflowId}`)) as { versionId: string };
		await this.call('POST', `/workflows/${workflowId}/activate`, { versionId });
		if (pagePath !== undefined) await reviewPageAnswers(`${this.url}/webhook/${pagePath}`);
	}

	/** Runs a workflow from one of its triggers, to its end or to where it waits. */
	async run(workflowId: string, trigger: string): Promise<Execution> {
		const { executionId } = (await this.call('POST', `/workflows/${workflowId}/run`, {
			triggerToStartFrom: { name: trigger },
		})) as { executionId: string };
		return await this.ended(executionId);
	}

	/** Waits for one call of a trigger's Test URL, as the editor's "Listen for test event" does. */
	async listen(workflowId: string, trigger: string): Promise<void> {
		const answer = await this.call('POST', `/workflows/${workflowId}/run`, { triggerToStartFrom: { name: trigger } });
		if ((answer as { waitingForWebhook?: boolean }).waitingForWebhook !== true)
			throw new Error(`n8n does not listen: ${JSON.stringify(answer)}`);
	}

	/** The executions of a workflow, the newest first, as n8n lists them. */
	async list(workflowId: string): Promise<readonly ListedExecution[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const listed: ListedExecution[] = [];
		let cursor: string | null | undefined;
		do {
			const page = await this.call('GET', `/executions?filter=${filter}&limit=100${cursor ? `&cursor=${cursor}` : ''}`);
			const { results, nextCursor } = page as { results: readonly ListedExecution[]; nextCursor?: string | null };
			listed.push(...results);
			cursor = nextCursor;
		} while (cursor);
		return listed;
	}

	/** What the button "Stop" of a running execution does. */
	async stop(executionId: string): Promise<void> {
		await this.call('POST', `/executions/${executionId}/stop`);
	}

	/** The executions of a workflow in which a node ran, the newest first, all at their end. */
	async executionsWith(workflowId: string, node: string): Promise<readonly Execution[]> {
		const executions: Execution[] = [];
		for (const { id } of await this.list(workflowId)) executions.push(await this.ended(id));
		return executions.filter((execution) => execution.ran(node));
	}

	async ended(executionId: string): Promise<Execution> {
		const until = Date.now() + endWithinMs;
		for (;;) {
			const { id, status, data } = (await this.call('GET', `/executions/${executionId}`)) as {
				id: string;
				status: string;
				data: string;
			};
			if (status !== 'running' && status !== 'new') return new Execution(id, status, unflatten(data) as RunData);
			if (Date.now() > until) throw new Error(`Execution ${executionId} did not end within ${endWithinMs / 1000} s`);
			await sleep(pollMs);
		}
	}

	private async call(method: string, path: string, body?: unknown): Promise<unknown> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { cookie: this.cookie, 'content-type': 'application/json' },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
		return (JSON.parse(text) as { data: unknown }).data;
	}
}

/** n8n registers the webhooks of a workflow some time after it is published. Without one it answers in JSON. */
export async function reviewPageAnswers(url: string): Promise<void> {
	const until = Date.now() + endWithinMs;
	for (;;) {
		const response = await fetch(url).catch(() => undefined);
		await response?.arrayBuffer();
		if (response?.headers.get('content-type')?.includes('html')) return;
		if (Date.now() > until) throw new Error(`No review page answers at ${url}`);
		await sleep(pollMs);
	}
}
