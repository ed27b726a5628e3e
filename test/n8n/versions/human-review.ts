import { expect } from 'vitest';
import type { Json, N8nRest } from '../review/n8n-rest.ts';
import { askPath, nodes, reviewedWorkflow, workflowId } from '../review/reviewed-workflow.ts';
import type { Workflow } from '../review/imported-workflows.ts';

/** The workflow of the review's own tests, with the mail left out: what would be mailed is what the webhook answers. */
export const workflowWithoutMail: Workflow = {
	...reviewedWorkflow,
	nodes: reviewedWorkflow.nodes.map((node) =>
		node.name === nodes.mail ? { ...node, type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} } : node,
	),
};

/** Asks the workflow for the task's answer. What leaves it is an answer, or the task for a human. */
export async function ask(n8nUrl: string, taskId: string): Promise<readonly Json[]> {
	const response = await fetch(`${n8nUrl}/webhook/${askPath}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ taskId, question: 'Order 48213: charged twice.', confidence: 'any' }),
	});
	expect(response.status).toBe(200);
	return (await response.json()) as Json[];
}

/** What a browser sends when a reviewer answers on the page behind this link. */
export async function decide(reviewUrl: string, decision: 'answer' | 'reject', reviewer: string): Promise<number> {
	const link = new URL(reviewUrl);
	const token = link.searchParams.get('token') ?? '';
	const fields = { token, decision, answer: `Refund it, says ${reviewer}.`, reviewer, comment: '' };
	const response = await fetch(`${link.origin}${link.pathname}`, { method: 'POST', body: new URLSearchParams(fields) });
	await response.arrayBuffer();
	return response.status;
}

/** The decisions about a task that reached the node which uses answers. */
export async function decisionsDownstream(rest: N8nRest, taskId: string): Promise<readonly Json[]> {
	const executions = await rest.executionsWith(workflowId, nodes.decision);
	return executions.flatMap((execution) => execution.items(nodes.use)).filter((item) => item['taskId'] === taskId);
}
