import 'reflect-metadata';

import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type * as Core from 'n8n-core';
import type {
	IBinaryKeyData,
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeType,
	INodeTypes,
	IRun,
	IWorkflowExecuteAdditionalData,
	NodeExecutionHint,
} from 'n8n-workflow';
import type * as N8nWorkflow from 'n8n-workflow';

import { requireFreshDist } from '../fresh-dist.mjs';

// n8n-core keeps its settings in the user's folder and would use it for expressions' sandbox too.
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'resilient-llm-workflows-'));
process.env.N8N_EXPRESSION_ENGINE = 'legacy';

// One copy of n8n-workflow for n8n-core, the built node and the tests: errors are told apart by class.
const require = createRequire(import.meta.url);
const { ExecutionLifecycleHooks, PackageDirectoryLoader, WorkflowExecute } = require('n8n-core') as typeof Core;
const { Workflow } = require('n8n-workflow') as typeof N8nWorkflow;

// n8n-core's own dependencies, as it resolves them.
const requireOfCore = createRequire(require.resolve('n8n-core'));
const { Container } = requireOfCore('@n8n/di') as {
	Container: { get: <T>(type: unknown) => T; set: (type: unknown, instance: unknown) => void };
};

/** What n8n's log was told, each line after its level. */
export const logLines: string[] = [];
const logAt = (level: string) => (line: string) => void logLines.push(`${level} ${line}`);
const logger = {
	debug: logAt('debug'),
	info: logAt('info'),
	warn: logAt('warn'),
	error: logAt('error'),
	scoped: (): unknown => logger,
};
Container.set(requireOfCore('@n8n/backend-common').Logger, logger);

/** Switches n8n's own network policy, as `N8N_SSRF_PROTECTION_ENABLED` does. */
export function setSsrfProtection(enabled: boolean): void {
	Container.get<{ enabled: boolean }>(requireOfCore('@n8n/config').SsrfProtectionConfig).enabled = enabled;
}

export const packageFolder = resolve(import.meta.dirname, '../..');

/** A workflow's nodes and connections, as n8n exports them. */
export interface WorkflowJson {
	readonly nodes: readonly INode[];
	readonly connections: ConstructorParameters<typeof Workflow>[0]['connections'];
}

export interface WorkflowInput {
	/** What the trigger emits. */
	readonly items: ReadonlyArray<{ readonly json: IDataObject; readonly binary?: IBinaryKeyData }>;
	/** Decrypted credentials by type. */
	readonly credentials: Readonly<Record<string, ICredentialDataDecryptedObject>>;
}

export interface WorkflowRun {
	readonly run: IRun;
	/** Items by output of the node with this name. */
	outputs(node: string): ReadonlyArray<readonly INodeExecutionData[]>;
	hints(node: string): readonly NodeExecutionHint[];
}

export interface RunningWorkflow {
	readonly finished: Promise<WorkflowRun>;
	cancel(): void;
}

requireFreshDist();
const loader = new PackageDirectoryLoader(packageFolder);
await loader.loadAll();

/** The two nodes around ours; the trigger's items are pinned. */
const passThrough = (name: string): INodeType => ({
	description: {
		displayName: name,
		name,
		group: ['transform'],
		version: 1,
		description: name,
		defaults: { name },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	},
	async execute() {
		return [this.getInputData()];
	},
});
const builtIn: Readonly<Record<string, INodeType>> = {
	'n8n-nodes-base.manualTrigger': passThrough('manualTrigger'),
	'n8n-nodes-base.noOp': passThrough('noOp'),
};

const nodeTypes: INodeTypes = {
	getByName: (type) => nodeTypes.getByNameAndVersion(type),
	getByNameAndVersion: (type) => builtIn[type] ?? (loader.getNode(type.split('.')[1] ?? '').type as INodeType),
	getKnownTypes: () => ({}),
};

/** Runs a workflow on n8n's own engine, with the built package. */
export function startWorkflow(workflowJson: WorkflowJson, input: WorkflowInput): RunningWorkflow {
	const definition = {
		id: 'workflow-1',
		name: 'Test workflow',
		nodes: [...workflowJson.nodes],
		connections: workflowJson.connections,
		active: false,
		settings: { executionOrder: 'v1' as const },
	};
	const workflow = new Workflow({ ...definition, nodeTypes });
	const trigger = workflowJson.nodes.find(({ type }) => type === 'n8n-nodes-base.manualTrigger');
	if (trigger === undefined) throw new Error('The workflow has no trigger');
	const now = new Date();
	const hooks = new ExecutionLifecycleHooks('manual', 'execution-1', {
		...definition,
		createdAt: now,
		updatedAt: now,
		isArchived: false,
		activeVersionId: null,
	});
	const execution = new WorkflowExecute(additionalData(hooks, input.credentials), 'manual').run({
		workflow,
		startNode: trigger,
		pinData: { [trigger.name]: structuredClone(input.items) as INodeExecutionData[] },
	});
	return { finished: Promise.resolve(execution).then(asWorkflowRun), cancel: () => execution.cancel() };
}

export async function runWorkflow(workflowJson: WorkflowJson, input: WorkflowInput): Promise<WorkflowRun> {
	return await startWorkflow(workflowJson, input).finished;
}

function asWorkflowRun(run: IRun): WorkflowRun {
	const taskOf = (node: string) => run.data.resultData.runData[node]?.at(-1);
	return {
		run,
		outputs: (node) =>
			Object.values(taskOf(node)?.data ?? {}).flatMap((outputs) => outputs.map((items) => items ?? [])),
		hints: (node) => taskOf(node)?.hints ?? [],
	};
}

function additionalData(
	hooks: InstanceType<typeof ExecutionLifecycleHooks>,
	credentials: WorkflowInput['credentials'],
): IWorkflowExecuteAdditionalData {
	const credentialsHelper = {
		getParentTypes: () => [],
		isCredentialUsableByNode: () => true,
		getDecrypted: async (_: unknown, __: unknown, type: string) => credentials[type],
	};
	return {
		hooks,
		credentialsHelper,
		executionId: 'execution-1',
		currentNodeExecutionIndex: 0,
		webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost/form-waiting',
		variables: {},
	} as unknown as IWorkflowExecuteAdditionalData;
}
