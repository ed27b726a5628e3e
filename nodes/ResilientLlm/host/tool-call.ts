import { NodeConnectionTypes, type IExecuteFunctions } from 'n8n-workflow';

/**
 * Whether an AI agent called this node. Agents before version 3 say so; later ones run the tool's clone as a node of
 * its own.
 */
export function isToolCall(context: IExecuteFunctions): boolean {
	const { type, rewireOutputLogTo } = context.getNode();
	const calledByAgent = context.isToolExecution as IExecuteFunctions['isToolExecution'] | undefined;
	return (
		calledByAgent?.call(context) === true || rewireOutputLogTo === NodeConnectionTypes.AiTool || type.endsWith('Tool')
	);
}
