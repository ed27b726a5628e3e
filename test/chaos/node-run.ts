import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	NodeExecutionHint,
} from 'n8n-workflow';

import { type ProviderId, providerIds, vendors } from '../../nodes/ResilientLlm/providers/vendors';
import { ResilientLlm } from '../../nodes/ResilientLlm/ResilientLlm.node';

export interface NodeInput {
	readonly items: ReadonlyArray<{ readonly json: IDataObject; readonly parameters: IDataObject }>;
	/** The credential that this item uses for this provider. */
	readonly credential: (provider: ProviderId, itemIndex: number) => ICredentialDataDecryptedObject;
	readonly helpers?: Partial<IExecuteFunctions['helpers']>;
}

/** Everything that a run of the node lets out. */
export interface Emitted {
	readonly success: readonly INodeExecutionData[];
	readonly escalate: readonly INodeExecutionData[];
	readonly hints: readonly NodeExecutionHint[];
	readonly logLines: readonly unknown[];
	readonly thrown?: unknown;
}

const { description } = new ResilientLlm();
// Some names stand for several parameters, each shown for another operation; those of this one come first.
const defaults = Object.fromEntries(
	description.properties.toReversed().map(({ name, default: value }) => [name, value]),
);
const operation = { resource: 'completion', operation: 'generate' };
const providerOfType = new Map<string, ProviderId>(providerIds.map((id) => [vendors[id].credentialType, id]));

const node: INode = {
	id: 'node-1',
	name: 'Resilient LLM',
	type: 'n8n-nodes-resilient-llm.resilientLlm',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	credentials: Object.fromEntries([...providerOfType.keys()].map((type) => [type, { id: type, name: type }])),
};

const vendorNames: Readonly<Record<ProviderId, string>> = {
	anthropic: 'anthropic',
	gemini: 'gemini',
	ollama: 'ollama',
	openAi: 'openai',
	openAiCompatible: 'openai-compatible',
};

/** The provider that a vendor of the tests stands for. */
export function providerOf(vendor: string): ProviderId {
	const found = providerIds.find((id) => vendorNames[id] === vendor);
	if (found === undefined) throw new Error(`No provider is called ${vendor}`);
	return found;
}

/** Runs the node from its source, without n8n around it, and keeps all that it says to anyone. */
export async function runNode({ items, credential, helpers = {} }: NodeInput): Promise<Emitted> {
	const hints: NodeExecutionHint[] = [];
	const logLines: unknown[] = [];
	const log = (...line: unknown[]) => void logLines.push(line);
	// What n8n offers besides, the node must do without here: that is how it meets an older n8n.
	const context: Partial<IExecuteFunctions> = {
		getInputData: () => items.map(({ json }) => ({ json })),
		getNodeParameter: ((name: string, itemIndex: number, fallback?: unknown) =>
			valueAt({ ...defaults, ...operation, ...items[itemIndex]!.parameters }, name) ??
			fallback) as IExecuteFunctions['getNodeParameter'],
		getNode: () => node,
		getCredentials: async <T extends object>(type: string, itemIndex = 0) =>
			(await Promise.resolve(credential(providerOfType.get(type)!, itemIndex))) as T,
		getWorkflow: () => ({ id: 'workflow-1', name: 'Chaos', active: false }),
		getExecutionId: () => 'execution-1',
		getExecutionCancelSignal: () => undefined,
		isToolExecution: () => false,
		continueOnFail: () => true,
		addExecutionHints: (...more) => void hints.push(...more),
		logger: { debug: log, info: log, warn: log, error: log },
		helpers: helpers as IExecuteFunctions['helpers'],
	};
	try {
		const [success = [], escalate = []] = (await new ResilientLlm().execute.call(context as IExecuteFunctions)) ?? [];
		return { success, escalate, hints, logLines };
	} catch (thrown) {
		return { success: [], escalate: [], hints, logLines, thrown };
	}
}

function valueAt(parameters: IDataObject, path: string): unknown {
	return path.split('.').reduce<unknown>((value, key) => (value as IDataObject | undefined)?.[key], parameters);
}
