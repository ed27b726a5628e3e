import { NodeConnectionTypes, type IExecuteFunctions } from 'n8n-workflow';

/**
 * Whether an AI agent called this node as a tool. Agents before version 3 say so in the context; later ones run the
 * tool variant of the node, whose type ends in `Tool`, as a node of its own.
 */
export function isToolCall(context: IExecuteFunctions): boolean {
	const { type, rewireOutputLogTo } = context.getNode();
	const calledByAgent = context.isToolExecution as IExecuteFunctions['isToolExecution'] | undefined;
	return (
		calledByAgent?.call(context) === true || rewireOutputLogTo === NodeConnectionTypes.AiTool || type.endsWith('Tool')
	);
}
