import type { Workflow } from '../imported-workflows.ts';
import type { Stage } from './witness.ts';

export type StoreKind = 'embedded' | 'redis' | 'postgres';

export const workflowIdOf = (store: StoreKind) => `rlDeliver${store}`;
export const pagePathOf = (store: StoreKind) => `deliver-${store}`;

export const triggerName = 'A human decided';

/**
 * Tells the witness that it begins with a decision, takes as many seconds as the comment says, and tells that it is
 * done.
 */
export function decidedWorkflow(store: StoreKind, witnessUrl: string): Workflow {
	return {
		id: workflowIdOf(store),
		name: `Decisions of ${store}`,
		nodes: [
			node(store, triggerName, 'n8n-nodes-resilient-llm.resilientLlmReviewTrigger', 1, {
				path: pagePathOf(store),
				taskStore: store,
			}),
			node(store, 'Begin', 'n8n-nodes-base.httpRequest', 4.2, tell('begin', witnessUrl)),
			node(store, 'Work', 'n8n-nodes-base.wait', 1.1, {
				amount: `={{ Number($('${triggerName}').item.json.comment) }}`,
				unit: 'seconds',
			}),
			node(store, 'End', 'n8n-nodes-base.httpRequest', 4.2, tell('end', witnessUrl)),
		],
		connections: {
			[triggerName]: { main: [[to('Begin')]] },
			Begin: { main: [[to('Work')]] },
			Work: { main: [[to('End')]] },
		},
		active: false,
		settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all' },
		pinData: {},
	};
}

function tell(stage: Stage, url: string): object {
	const said = `{ stage: '${stage}', taskId: $('${triggerName}').item.json.taskId, decisionId: $('${triggerName}').item.json.decisionId, executionId: $execution.id }`;
	return {
		method: 'POST',
		url,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: `={{ JSON.stringify(${said}) }}`,
		options: {},
	};
}

function node(
	store: StoreKind,
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
): Workflow['nodes'][number] {
	const id = `${store}-${name.toLowerCase().replaceAll(' ', '-')}`;
	return { parameters, id, name, type, typeVersion, position: [0, 0], webhookId: `hook-of-${id}` };
}

function to(name: string): object {
	return { node: name, type: 'main', index: 0 };
}
