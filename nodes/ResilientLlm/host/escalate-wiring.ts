import type { IConnections, IExecuteFunctions } from 'n8n-workflow';

const escalateOutput = 1;

/**
 * Whether the node's Escalate output is connected. Read from a property that n8n's types do not declare; undefined if
 * it is missing.
 */
export function isEscalateConnected(context: IExecuteFunctions): boolean | undefined {
	const { workflow } = context as { readonly workflow?: { readonly connectionsBySourceNode?: IConnections } };
	const connections = workflow?.connectionsBySourceNode;
	if (connections === undefined) return undefined;
	return (connections[context.getNode().name]?.main?.[escalateOutput] ?? []).length > 0;
}
