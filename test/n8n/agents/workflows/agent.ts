import { plugInto, sent, trigger, type ModelPlug } from './model-plug.ts';
import { triggerNode, type TriggerOptions } from './triggers.ts';
import type { Draft, Node, Wire } from './workflow.ts';

export interface AgentOptions {
	readonly path: string;
	readonly plug: ModelPlug;
	readonly trigger: TriggerOptions;
	/** 3.1 when left out. 2.2 runs its tools by itself instead of by n8n's engine. */
	readonly agentVersion?: number;
	/** Simple Memory by session. */
	readonly memory?: boolean;
}

export const agent = 'AI Agent';
export const calculator = 'Calculator';
/** The tool that writes: whatever it is called with is in the vendor server's ledger. */
export const bookTool = 'book';

/** Trigger → AI Agent with n8n's Calculator and a tool that writes. Asks what it was sent as `chatInput`. */
export function agentDraft({ path, plug, trigger: how, agentVersion = 3.1, memory = false }: AgentOptions): Draft {
	const tools: readonly Node[] = [
		{ name: calculator, type: '@n8n/n8n-nodes-langchain.toolCalculator', typeVersion: 1, parameters: {} },
		{
			name: bookTool,
			type: 'n8n-nodes-base.httpRequestTool',
			typeVersion: 4.4,
			parameters: {
				toolDescription: 'Books an amount of money to an account',
				method: 'POST',
				url: sent('ledgerUrl'),
				sendBody: true,
				specifyBody: 'keypair',
				bodyParameters: {
					parameters: [
						{ name: 'amount', value: "={{ $fromAI('amount', 'The amount', 'number') }}" },
						{ name: 'account', value: "={{ $fromAI('account', 'The account', 'string') }}" },
					],
				},
				options: {},
			},
		},
	];
	const memories: readonly Node[] = memory
		? [
				{
					name: 'Memory',
					type: '@n8n/n8n-nodes-langchain.memoryBufferWindow',
					typeVersion: 1.3,
					parameters: { sessionIdType: 'customKey', sessionKey: sent('sessionId') },
				},
			]
		: [];
	return {
		path,
		nodes: [
			triggerNode(path, how),
			{
				name: agent,
				type: '@n8n/n8n-nodes-langchain.agent',
				typeVersion: agentVersion,
				parameters: {
					promptType: 'define',
					text: sent('chatInput'),
					needsFallback: plug.models.length > 1,
					options: {},
				},
			},
			...plug.nodes,
			...tools,
			...memories,
		],
		wires: [
			{ from: trigger, to: agent, type: 'main' },
			...plug.wires,
			...plugInto(agent, plug),
			...tools.map(({ name }): Wire => ({ from: name, to: agent, type: 'ai_tool' })),
			...memories.map(({ name }): Wire => ({ from: name, to: agent, type: 'ai_memory' })),
		],
	};
}
