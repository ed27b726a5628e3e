import { expect, it } from 'vitest';

import { useVendors } from './fixture';
import { credentialsFor, nodeName, resilientWorkflow, step } from './resilient-workflow';
import { logLines, runWorkflow } from './run-workflow';

const suite = useVendors();

async function hintsWith(connectedOutputs: number) {
	suite.vendors.decide = () => ({ status: 400 });
	const workflow = resilientWorkflow({
		prompt: '={{ $json.text }}',
		providerOrder: { step: [step('anthropic', 'claude-haiku-5-5')] },
	});
	const outputs = workflow.connections[nodeName]!.main!.slice(0, connectedOutputs);
	const connections = { ...workflow.connections, [nodeName]: { main: outputs } };
	const run = await runWorkflow(
		{ ...workflow, connections },
		{ items: [{ json: { text: 'Hello' } }], credentials: credentialsFor(suite.vendors.baseUrl) },
	);
	return run.hints(nodeName).map(({ message }) => message);
}

it('a task for a human that nobody is told of is stored, hinted at and logged', async () => {
	expect(await hintsWith(1)).toContainEqual(
		expect.stringContaining('nothing is connected to it. The task store keeps'),
	);
	expect(logLines).toContainEqual(expect.stringContaining('escalate-unconnected'));
});

it('a connected Escalate output gets a hint that says why only', async () => {
	expect(await hintsWith(2)).toEqual(['1 task of 1 went to a human, on Escalate: The request was called invalid ×1.']);
});
