import { setTimeout as sleep } from 'node:timers/promises';
import { owner } from '../server/owner.ts';

const registeredWithinMs = 30_000;
const endedWithinMs = 10_000;
const pollMs = 200;

export interface Credential {
	readonly id: string;
	readonly name: string;
}

export interface CredentialTest {
	readonly status: 'OK' | 'Error';
	readonly message: string;
}

/** As n8n's editor sends it. */
export interface Workflow {
	readonly name: string;
	readonly nodes: readonly object[];
	readonly connections: object;
	readonly settings: object;
}

export interface Execution {
	readonly status: string;
	/** Everything the run left behind, in n8n's own packing. Good for looking for words. */
	readonly data: string;
}

/** The REST API that n8n's editor uses, as far as these tests need it. */
export class N8nApi {
	private readonly url: string;
	private readonly cookie: string;

	private constructor(url: string, cookie: string) {
		this.url = url;
		this.cookie = cookie;
	}

	static async logIn(url: string): Promise<N8nApi> {
		const response = await post(`${url}/rest/login`, { emailOrLdapLoginId: owner.email, password: owner.password });
		const cookie = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
		if (!response.ok || cookie.length === 0)
			throw new Error(`n8n lets nobody in: ${response.status} ${await response.text()}`);
		return new N8nApi(url, cookie.join('; '));
	}

	async createCredential(type: string, name: string, data: object): Promise<Credential> {
		return await this.request<Credential>('/rest/credentials', { type, name, data });
	}

	/** What the button "Test" of a credential that is not saved yet shows. */
	async testCredential(type: string, data: object): Promise<CredentialTest> {
		return await this.request<CredentialTest>('/rest/credentials/test', {
			credentials: { id: '', name: 'Under test', type, data },
		});
	}

	/** Saves and publishes a workflow whose webhook takes POST requests, and gives its production URL once it answers. */
	async publish(workflow: Workflow, webhookPath: string): Promise<string> {
		await this.saveAndPublish(workflow);
		const webhook = `${this.url}/webhook/${webhookPath}`;
		await untilRegistered(webhook);
		return webhook;
	}

	/** Saves and publishes a workflow, and gives its ID. Its webhooks answer some time later. */
	async saveAndPublish(workflow: Workflow): Promise<string> {
		// n8n 1 stores no workflow that does not say so.
		const inactive = { active: false, ...workflow };
		const { id, versionId } = await this.request<{ id: string; versionId: string }>('/rest/workflows', inactive);
		await this.request(`/rest/workflows/${id}/activate`, { versionId });
		return id;
	}

	/** An execution that is about to end; its response may leave before. */
	async endedExecution(id: string): Promise<Execution> {
		for (const startedAt = Date.now(); ; await sleep(pollMs)) {
			const execution = await this.request<Execution>(`/rest/executions/${id}`);
			if (execution.status !== 'running' || Date.now() - startedAt > endedWithinMs) return execution;
		}
	}

	private async request<T>(path: string, body?: object): Promise<T> {
		const headers = { cookie: this.cookie };
		const response =
			body === undefined
				? await fetch(`${this.url}${path}`, { headers })
				: await post(`${this.url}${path}`, body, headers);
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return ((await response.json()) as { data: T }).data;
	}
}

/** n8n registers webhooks some time after it says that the workflow is published, and after a start. */
export async function untilRegistered(webhook: string): Promise<void> {
	const startedAt = Date.now();
	// GET runs nothing: the webhook takes POST. n8n says so as soon as it knows the path.
	while (!(await textOf(webhook)).includes('POST request')) {
		if (Date.now() - startedAt > registeredWithinMs)
			throw new Error(`${webhook} is not there after ${registeredWithinMs / 1000} s: ${await textOf(webhook)}`);
		await sleep(pollMs);
	}
}

async function textOf(url: string): Promise<string> {
	return await fetch(url).then(
		async (response) => await response.text(),
		(error: unknown) => String(error),
	);
}

async function post(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
	return await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body),
	});
}
