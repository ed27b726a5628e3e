import type { INode, IWorkflowMetadata } from 'n8n-workflow';

import type { TaskOrigin } from '../engine/store/task-record';

/** The methods that `IExecuteFunctions` and `ISupplyDataFunctions` have in common to say where a task runs. */
export interface OriginSource {
	getWorkflow(): IWorkflowMetadata;
	getNode(): INode;
	getExecutionId(): string;
}

export function taskOriginOf(source: OriginSource): TaskOrigin {
	const { id, name } = source.getWorkflow();
	const node = source.getNode();
	return {
		workflowId: id ?? '',
		workflowName: name ?? '',
		nodeId: node.id,
		nodeName: node.name,
		executionId: source.getExecutionId(),
	};
}
