import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkout } from '../../install/checkout.ts';
import { postgresSuperuser } from '../../task-store/store-servers.ts';
import { pagePathOf, type StoreKind } from './decided-workflow.ts';

const pollMs = 500;

interface StoredReview {
	readonly state: string;
	readonly identity: { readonly taskId: string };
	readonly decision?: { readonly decisionId: string; readonly delivered: boolean };
}

interface TaskStore {
	note(identity: object, run: object): Promise<void>;
	get(key: string): Promise<StoredReview | undefined>;
	list(query: object): Promise<{ readonly records: readonly StoredReview[] }>;
	close(): Promise<void>;
}

interface Stores {
	openStore(address: object): TaskStore;
}

// Not a plain import: what the tests of the stores use is written for a bundler and does not compile under the settings
// here.
const { openStore } = (await import(join(checkout, 'test', 'stores', 'processes', 'store-address.ts'))) as Stores;

/** Where the stores of one n8n are: a user folder, and the ports of the servers. */
export function storeAddress(
	kind: StoreKind,
	userFolder: string,
	ports: { readonly redis: number; readonly postgres: number },
): object {
	switch (kind) {
		case 'embedded':
			return { kind, file: join(userFolder, '.n8n', 'n8n-nodes-resilient-llm', 'tasks.sqlite') };
		case 'redis':
			return { kind, host: '127.0.0.1', port: ports.redis, username: '', password: '', keyPrefix: 'tasks' };
		case 'postgres':
			return { kind, host: '127.0.0.1', port: ports.postgres, ...postgresSuperuser, schema: 'tasks' };
	}
}

/** What a reviewer was told. */
export type Told = 'sent' | 'not now' | 'nothing';

/** A review that somebody is to decide, and what became of it. */
export interface OpenReview {
	readonly taskId: string;
	readonly store: StoreKind;
	readonly form: URLSearchParams;
	/** What came back when its form was sent. */
	told?: Told;
	/** Whether n8n was killed between the click and the end of the execution. */
	wasHit?: boolean;
}

/** Reviews in one store of an n8n, made beside it as its main node would make them. */
export class Reviews {
	readonly all: OpenReview[] = [];
	private readonly kind: StoreKind;
	private readonly pageUrl: string;
	private readonly store: TaskStore;

	constructor(kind: StoreKind, address: object, n8nUrl: string) {
		this.kind = kind;
		this.pageUrl = `${n8nUrl}/webhook/${pagePathOf(kind)}`;
		this.store = openStore(address);
	}

	/** `seconds`: how long the execution with its decision will take. */
	async open(seconds: number): Promise<OpenReview> {
		const taskId = `${this.kind}-${this.all.length}`;
		const token = randomBytes(16).toString('base64url');
		const form = new URLSearchParams({
			token,
			decision: 'approve',
			reviewer: 'Ada Lovelace',
			comment: seconds.toFixed(2),
			edited: '',
			answer: '',
		});
		const review: OpenReview = { taskId, store: this.kind, form };
		this.all.push(review);
		await this.store.note(
			{
				key: taskId,
				taskId,
				fingerprint: 'f',
				origin: { workflowId: 'w', workflowName: 'Refund desk', nodeId: 'n', nodeName: 'LLM', executionId: '1' },
			},
			{
				kind: 'escalated',
				summary: {
					tier: 3,
					reasonCode: 'human_review_required',
					provider: null,
					model: null,
					attempts: [],
					costUsd: 0,
					extraCostUsd: null,
					latencyMs: 1,
				},
				ledger: [],
				payload: {
					version: 1,
					prompt: 'Refund?',
					systemMessage: '',
					context: {},
					draft: 'Yes.',
					reason: 'A human reviews it',
					output: { kind: 'text' },
					includeInput: true,
					warnings: [],
				},
				tokenHash: createHash('sha256').update(token).digest('hex'),
				dueInMs: null,
				retentionMs: 3_600_000,
			},
		);
		return review;
	}

	/** Sends the form of a review, once more when it was sent before. */
	async decide(review: OpenReview, pageUrl = this.pageUrl): Promise<Told> {
		const answer = await fetch(pageUrl, { method: 'POST', body: review.form })
			.then(async (response) => ({ status: response.status, page: await response.text() }))
			.catch(() => undefined);
		review.told =
			answer === undefined
				? 'nothing'
				: answer.status === 200 && answer.page.includes('your decision is sent')
					? 'sent'
					: 'not now';
		return review.told;
	}

	get url(): string {
		return this.pageUrl;
	}

	/** The decision of a task, as it is stored. */
	async decisionOf(taskId: string): Promise<StoredReview['decision']> {
		return (await this.store.get(taskId))?.decision;
	}

	async undelivered(): Promise<readonly string[]> {
		const { records } = await this.store.list({ states: ['resolved'], undelivered: true, limit: 1000 });
		return records.map(({ identity }) => identity.taskId);
	}

	/** Waits until every decision is delivered. Resolves also when some are not by then: their verdicts tell. */
	async allDelivered(withinMs: number): Promise<void> {
		const until = Date.now() + withinMs;
		while ((await this.undelivered()).length > 0 && Date.now() < until) await sleep(pollMs);
	}

	async close(): Promise<void> {
		await this.store.close();
	}
}
