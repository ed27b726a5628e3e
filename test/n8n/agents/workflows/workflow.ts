import type { Credential, N8nApi, Workflow } from '../../task-store/n8n-api.ts';

/** What a credential of one type holds. */
export type CredentialData = Readonly<Record<string, unknown>>;

/** A node as it is thought up: n8n adds an ID and a place, and wants credentials by their IDs. */
export interface Node {
	readonly name: string;
	readonly type: string;
	readonly typeVersion: number;
	readonly parameters: Readonly<Record<string, unknown>>;
	/** By type. */
	readonly credentials?: Readonly<Record<string, CredentialData>>;
	readonly webhookId?: string;
}

type WireType = 'main' | 'ai_languageModel' | 'ai_tool' | 'ai_memory' | 'ai_outputParser';

export interface Wire {
	readonly from: string;
	readonly to: string;
	readonly type: WireType;
	/** The input of `to` among those of this type; the first when left out. */
	readonly input?: number;
	/** The output of `from`; the first when left out. */
	readonly output?: number;
}

/** Nodes and wires, before n8n knows them. */
export interface Draft {
	/** Names the workflow, and is the path of its webhook. */
	readonly path: string;
	readonly nodes: readonly Node[];
	readonly wires: readonly Wire[];
}

/** Puts drafts into an n8n; each credential that they share is created once. */
export class Publisher {
	private readonly api: N8nApi;
	private readonly credentials = new Map<string, Promise<Credential>>();

	constructor(api: N8nApi) {
		this.api = api;
	}

	/** The workflow as the editor would send it, its credentials created. */
	async workflow({ path, nodes, wires }: Draft): Promise<Workflow> {
		const placed = nodes.map(async ({ credentials = {}, ...node }, index) => ({
			...node,
			id: `${path}-${index}`,
			position: [index * 220, 0],
			credentials: Object.fromEntries(
				await Promise.all(
					Object.entries(credentials).map(async ([type, data]) => [type, await this.credential(type, data)] as const),
				),
			),
		}));
		const settings = { executionOrder: 'v1' };
		return { name: path, nodes: await Promise.all(placed), connections: connectionsOf(wires), settings };
	}

	private async credential(type: string, data: CredentialData): Promise<Credential> {
		const key = JSON.stringify([type, data]);
		const known = this.credentials.get(key) ?? this.api.createCredential(type, type, data);
		this.credentials.set(key, known);
		const { id, name } = await known;
		return { id, name };
	}
}

/** n8n keeps wires by the node they leave, their type and the number of the output. */
function connectionsOf(wires: readonly Wire[]): object {
	const connections: Record<string, Record<string, object[][]>> = {};
	for (const { from, to, type, input = 0, output = 0 } of wires) {
		const outputs = ((connections[from] ??= {})[type] ??= []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output]?.push({ node: to, type, index: input });
	}
	return connections;
}
