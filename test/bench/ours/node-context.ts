import { nodeType, type NodeContext } from './dist.ts';

export type ProviderId = 'openAi' | 'anthropic';
export type StoreKind = 'none' | 'embedded' | 'redis' | 'postgres';

export interface InputItem {
	readonly json: Readonly<Record<string, unknown>>;
	readonly binary?: Readonly<
		Record<string, { readonly mimeType: string; readonly data: string; readonly id?: string }>
	>;
}

/** One execution of the node: what n8n would hand to it. */
export interface NodeRun {
	readonly items: readonly InputItem[];
	/** In the order of the steps. */
	readonly steps: readonly object[];
	readonly parameters?: Readonly<Record<string, unknown>>;
	readonly options?: Readonly<Record<string, unknown>>;
	readonly credentials: Readonly<Record<string, object>>;
	readonly executionId: string;
	/** Told when an item has come to its end. */
	readonly onItemEnd?: () => void;
	/** The content of a binary field, as n8n reads it from its storage. */
	readonly readBinary?: (itemIndex: number) => Buffer;
}

const node = nodeType();
// Some names stand for several parameters, each shown for another operation; those of this one come first.
const defaults = Object.fromEntries(
	node.description.properties.toReversed().map(({ name, default: value }) => [name, value]),
);

const endOfItem = new Set(['task-answered', 'task-escalated', 'task-cancelled']);

/**
 * Runs the node without n8n around it. Parameters come as n8n has evaluated them, log lines go nowhere: what is left is
 * the node's own work. The prompt is the field `text` of each item.
 */
export async function runNode(run: NodeRun) {
	const [success = [], escalate = []] = await node.execute.call(contextOf(run));
	return { success, escalate };
}

function contextOf(run: NodeRun): NodeContext {
	const { items, credentials, readBinary } = run;
	const own: Readonly<Record<string, unknown>> = {
		...defaults,
		resource: 'completion',
		operation: 'generate',
		providerOrder: { step: run.steps },
		...run.parameters,
		options: run.options ?? {},
	};
	const log = (_: string, facts?: { readonly event?: string }) => {
		if (endOfItem.has(facts?.event ?? '')) run.onItemEnd?.();
	};
	const workflow = { id: 'workflow-1', name: 'Bench', active: true };
	const thisNode = {
		id: 'node-1',
		name: 'Resilient LLM',
		type: 'n8n-nodes-resilient-llm.resilientLlm',
		typeVersion: 1,
		position: [0, 0],
		parameters: { ...own, prompt: '={{ $json.text }}' },
		credentials: Object.fromEntries(Object.keys(credentials).map((type) => [type, { id: type, name: type }])),
	};
	return {
		getInputData: () => items,
		getNodeParameter: (name: string, itemIndex: number, fallback?: unknown) =>
			(name === 'prompt' ? items[itemIndex]?.json['text'] : valueAt(own, name)) ?? fallback,
		getNode: () => thisNode,
		getCredentials: async (type: string) => credentials[type],
		getWorkflow: () => workflow,
		getExecutionId: () => run.executionId,
		getExecutionCancelSignal: () => undefined,
		isToolExecution: () => false,
		continueOnFail: () => false,
		addExecutionHints: () => undefined,
		logger: { debug: log, info: log, warn: log, error: log },
		helpers: { getBinaryDataBuffer: async (itemIndex: number) => readBinary?.(itemIndex) },
	};
}

function valueAt(parameters: Readonly<Record<string, unknown>>, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], parameters);
}
