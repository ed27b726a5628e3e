import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentN8n, type PublishedAgent } from './agent-n8n.ts';
import { calculating } from './vendors/scripts.ts';
import { agentDraft } from './workflows/agent.ts';
import { ourPlug } from './workflows/our-model.ts';

const reviewPageUrl = 'https://n8n.test/webhook/review';
const trigger = { kind: 'webhook', streamed: false } as const;
const allDown = {
	openai: { fault: 'overloaded', turn: 'second' },
	anthropic: { fault: 'wrong_key', turn: 'second' },
} as const;

let lab: AgentN8n;
beforeAll(async () => {
	lab = await AgentN8n.start();
});
afterAll(async () => await lab?.stop());

/** Asks an agent whose models all fail after the tool has answered, and gives what its execution says. */
async function errorOf(parameters: Readonly<Record<string, unknown>>, path: string): Promise<string> {
	const plug = ourPlug(path, path, ['openAi', 'anthropic'], parameters);
	const agent: PublishedAgent = await lab.publish(agentDraft({ path, plug, trigger }), trigger);
	await lab.ask(agent, path, { script: calculating, troubles: allDown }, 30_000);
	const execution = (await lab.executions(agent)).get(path);
	expect(execution?.status).toBe('error');
	return execution?.error ?? '';
}

const whoFailed = 'All models failed: OpenAI overloaded (503) three times, Anthropic refused the key (401)';

test('when all models fail, one error names who failed how', async () => {
	expect(await errorOf({}, 'all-fail')).toBe(whoFailed);
});

test('when a human is asked, the error names the task and the link to its review', async () => {
	const parameters = { whenAllFail: 'review', options: { reviewPageUrl } };
	const error = await errorOf(parameters, 'all-fail-review');
	expect(error.startsWith(`${whoFailed}. A human is asked: task `)).toBe(true);
	expect(error).toMatch(/task [0-9a-f]{64}, https:\/\/n8n\.test\/webhook\/review\?token=\S{20,}$/);
});
