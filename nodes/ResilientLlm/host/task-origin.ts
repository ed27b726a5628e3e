import type { INode, IWorkflowMetadata } from 'n8n-workflow';

import type { TaskOrigin } from '../engine/store/task-record';

/** What an item's run and an agent's model tell alike of where they run. */
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
