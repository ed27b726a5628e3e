import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queueMode } from '../server/queue-mode.ts';
import { machine, startWorker } from '../task-store/processes.ts';
import { startPostgres, startRedis, type TestServer } from '../task-store/store-servers.ts';
import { AgentN8n, type PublishedAgent } from './agent-n8n.ts';
import { streamedText } from './survival/outcome.ts';
import { calculating } from './vendors/scripts.ts';
import { agentDraft } from './workflows/agent.ts';
import { withFallback } from './workflows/built-in-models.ts';
import type { ModelPlug } from './workflows/model-plug.ts';
import { ours } from './workflows/our-model.ts';

/** What is put into the agent. Whoever adds a model of another kind adds it here. */
const plugs: readonly ModelPlug[] = [withFallback('openAi', 'anthropic'), ours('openAi', 'anthropic')];
const limitMs = 30_000;
const questions = 12;

describe('agents of an n8n in queue mode with two workers', () => {
	let redis: TestServer;
	let postgres: TestServer;
	let lab: AgentN8n;

	beforeAll(async () => {
		[redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
		lab = await AgentN8n.start(queueMode(redis.port, postgres.port), async (n8n, userFolder) => {
			const machines = await Promise.all(['one', 'two'].map((name) => machine(userFolder, name)));
			await Promise.all(machines.map((environment) => startWorker(n8n, environment)));
		});
	});

	afterAll(async () => {
		await lab?.stop();
		await Promise.all([redis?.stop(), postgres?.stop()]);
	});

	describe.each(plugs)('with $title', (plug) => {
		test.each([false, true])(
			'every question is answered when the first model is overloaded (streamed: %s)',
			async (streamed) => {
				const trigger = { kind: 'webhook', streamed } as const;
				const path = `queue-${plug.id}-${streamed ? 'streamed' : 'whole'}`;
				const published = await lab.publish(agentDraft({ path, plug, trigger }), trigger);
				const answers = await Promise.all(
					Array.from({ length: questions }, (_, number) => answerTo(published, `${path}-${number}`)),
				);
				expect(answers).toEqual(Array.from({ length: questions }, () => calculating.answer));
			},
		);
	});

	async function answerTo(published: PublishedAgent, name: string): Promise<string> {
		const plan = { script: calculating, troubles: { openai: { fault: 'overloaded', turn: 'second' } } } as const;
		const heard = await lab.ask(published, name, plan, limitMs);
		if (published.streamed) return streamedText(heard);
		return (JSON.parse(heard.body) as { output?: string }).output ?? heard.body;
	}
});
