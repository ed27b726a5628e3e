import type { IConnections, IExecuteFunctions } from 'n8n-workflow';

const escalateOutput = 1;

/**
 * Whether a node is connected to Escalate. Undefined where n8n does not say: its types do not show nodes the workflow.
 */
export function isEscalateConnected(context: IExecuteFunctions): boolean | undefined {
	const { workflow } = context as { readonly workflow?: { readonly connectionsBySourceNode?: IConnections } };
	const connections = workflow?.connectionsBySourceNode;
	if (connections === undefined) return undefined;
	return (connections[context.getNode().name]?.main?.[escalateOutput] ?? []).length > 0;
}
