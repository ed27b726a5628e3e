import { expect, it } from 'vitest';

import { useVendors } from './fixture';
import { credentialsFor, nodeName, resilientWorkflow, step } from './resilient-workflow';
import { startWorkflow } from './run-workflow';

const suite = useVendors();

it('aborts the calls in flight, starts none, and keeps what was answered before', async () => {
	const { vendors } = suite;
	vendors.decide = (_, prompt) => (prompt === 'quick' ? { answer: 'done' } : 'silence');
	const parameters = {
		prompt: '={{ $json.text }}',
		providerOrder: { step: [step('anthropic', 'claude-haiku-5-5', { maxAttempts: 3 }), step('openAi', 'gpt-6-luna')] },
		options: { concurrency: 2 },
	};
	const items = ['quick', 'slow 1', 'slow 2', 'never asked'].map((text) => ({ json: { text } }));
	const running = startWorkflow(resilientWorkflow(parameters), { items, credentials: credentialsFor(vendors.baseUrl) });

	await vendors.callsArrived(3);
	running.cancel();
	const { run } = await running.finished;
	await vendors.abandonment();

	expect(run.status).toBe('canceled');
	expect(vendors.calls.map(({ prompt }) => prompt)).toEqual(['quick', 'slow 1', 'slow 2']);
	expect(run.data.resultData.runData['Answered']).toBeUndefined();
	expect(run.data.resultData.runData['For a human']).toBeUndefined();
	expect(run.data.resultData.runData[nodeName]?.[0]?.error).toBeUndefined();
});
