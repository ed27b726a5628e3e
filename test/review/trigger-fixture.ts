import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type {
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	ITriggerFunctions,
	IWebhookFunctions,
	Logger,
	NodeExecutionHint,
} from 'n8n-workflow';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { openTaskStore } from '../../nodes/ResilientLlm/host/task-stores';
import { encodeReviewPayload } from '../../nodes/ResilientLlm/review/review-payload';
import { createReviewToken, hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { ResilientLlmReviewTrigger } from '../../nodes/ResilientLlm/ResilientLlmReviewTrigger.node';
import { strictContext } from '../actions/strict-context';
import { eventTable } from '../readme/events';
import { sampleAttempts, samplePayload } from './sample-review';

const node: INode = {
	id: 'n',
	name: 'Review',
	type: 'resilientLlmReviewTrigger',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	webhookId: 'hook',
};

export interface Reply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	readonly items: readonly INodeExecutionData[] | undefined;
}

export interface ExecutionRun {
	readonly outputs: INodeExecutionData[][];
	readonly hints: readonly string[];
	/** What n8n does once it has stored that the execution ended, or that it waits. */
	readonly end: () => Promise<void>;
}

export interface TriggerFixture {
	readonly node: INode;
	readonly store: () => TaskStore;
	/** Lines of n8n's log since the test began. */
	readonly log: () => string[];
	/** Stores a review and gives its token. */
	escalate(taskId: string, options?: { dueInMs?: number | null; reviewPageUrl?: string }): Promise<string>;
	/** What the page's visitor gets, and what n8n starts an execution with. */
	visit(request: { readonly token: string } | { readonly form: IDataObject }, parameters?: IDataObject): Promise<Reply>;
	/** An execution's run of the trigger node. `hooks: false`: as if n8n had none. */
	execute(
		items: readonly INodeExecutionData[],
		options?: { executionId?: string; parameters?: IDataObject; hooks?: boolean },
	): Promise<ExecutionRun>;
	/** The trigger as n8n runs it while the workflow is published. */
	triggerContext(
		parameters: IDataObject,
		emit: ITriggerFunctions['emit'],
		mode?: 'trigger' | 'manual',
	): ITriggerFunctions;
}

/** A Review Trigger on an embedded store of its own, and n8n's contexts for it. */
export function triggerFixture(): TriggerFixture {
	const folder = mkdtempSync(join(tmpdir(), 'resilient-llm-trigger-'));
	const trigger = new ResilientLlmReviewTrigger();
	const getWorkflow = () => ({ id: 'w2', name: 'Decisions', active: true });
	let store: TaskStore;
	let log: string[] = [];
	/** Lines that the README does not describe. */
	let undescribed: string[] = [];
	const at =
		(level: string) =>
		(line: string, facts: Readonly<Record<string, unknown>> = {}) => {
			log.push(line);
			const { event, workflowId, node: name, ...rest } = facts;
			const described = eventTable[String(event)];
			const fields = Object.keys(rest).filter((field) => rest[field] !== undefined);
			const fits = described?.level === `\`${level}\`` && fields.every((field) => described.fields.includes(field));
			if (!fits || workflowId !== 'w2' || name !== node.name) undescribed.push(`${level} ${line}`);
		};
	const logger = {
		info: at('info'),
		warn: at('warn'),
		error: at('error'),
		debug: () => undefined,
	} as unknown as Logger;

	beforeAll(async () => {
		process.env.N8N_USER_FOLDER = folder;
		const access = await openTaskStore('embedded', { getNode: () => node, getCredentials: async () => ({}) });
		if (access.kind === 'denied') throw new Error(access.why);
		store = access.tasks;
	});

	beforeEach(() => {
		log = [];
		undescribed = [];
	});

	afterEach(() => {
		expect(undescribed).toEqual([]);
	});

	afterAll(async () => {
		await store.close();
		rmSync(folder, { recursive: true });
	});

	const reader = (parameters: IDataObject) => {
		const known: IDataObject = { taskStore: 'embedded', includeAttempts: true, ...parameters };
		return (name: string, fallback?: unknown) => known[name] ?? fallback;
	};

	return {
		node,
		store: () => store,
		log: () => log,
		async escalate(taskId, { dueInMs = null, reviewPageUrl } = {}) {
			const token = createReviewToken();
			await store.note(
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
						reasonCode: 'all_models_failed',
						provider: null,
						model: null,
						attempts: sampleAttempts,
						costUsd: null,
						extraCostUsd: null,
						latencyMs: 1,
					},
					ledger: [],
					payload: encodeReviewPayload({ ...samplePayload, ...(reviewPageUrl !== undefined && { reviewPageUrl }) }),
					tokenHash: hashReviewToken(token),
					dueInMs,
					retentionMs: 3_600_000,
				},
			);
			return token;
		},
		async visit(request, parameters = {}) {
			let reply: Omit<Reply, 'items'> | undefined;
			const response = {
				writeHead: (status: number, headers: Reply['headers']) => void (reply = { status, headers, body: '' }),
				end: (body: string) => void (reply = { ...reply!, body }),
			};
			const context = strictContext<IWebhookFunctions>({
				getWebhookName: () => ('form' in request ? 'default' : 'setup'),
				getQueryData: () => ('token' in request ? { token: request.token } : {}),
				getBodyData: () => ('form' in request ? request.form : {}),
				getResponseObject: (() => response) as never,
				getNodeParameter: reader(parameters) as never,
				getTimezone: () => 'Europe/Berlin',
				getNode: () => node,
				getWorkflow,
				logger,
			});
			const { noWebhookResponse, workflowData } = await trigger.webhook.call(context);
			expect(noWebhookResponse).toBe(true);
			return { ...reply!, items: workflowData?.[0] };
		},
		async execute(items, { executionId = '17', parameters = {}, hooks = true } = {}) {
			const handlers: (() => Promise<void>)[] = [];
			const hints: string[] = [];
			const addHandler = (_: string, handler: () => Promise<void>) => void handlers.push(handler);
			const read = reader(parameters);
			const context = strictContext<IExecuteFunctions & { additionalData: object }>({
				getInputData: (() => items) as never,
				getNodeParameter: ((name: string, _: number, fallback?: unknown) => read(name, fallback)) as never,
				getExecutionId: () => executionId,
				getNode: () => node,
				getWorkflow,
				addExecutionHints: (...added: NodeExecutionHint[]) => void hints.push(...added.map(({ message }) => message)),
				additionalData: hooks ? { hooks: { addHandler } } : {},
				logger,
			});
			const outputs = await trigger.execute.call(context);
			return {
				outputs,
				hints,
				end: async () => void (await Promise.all(handlers.map(async (handler) => await handler()))),
			};
		},
		triggerContext(parameters, emit, mode = 'trigger') {
			const memory: IDataObject = {};
			return strictContext<ITriggerFunctions>({
				getMode: () => mode,
				getNodeParameter: reader(parameters) as never,
				getWorkflowStaticData: () => memory,
				getNode: () => node,
				getWorkflow,
				emit,
				logger,
			});
		},
	};
}
