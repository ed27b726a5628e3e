import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importDemo } from '../demo/import-demo.ts';
import { expectPromised, promised } from '../demo/promised.ts';
import { runStory } from '../demo/run-story.ts';
import { stories } from '../demo/stories.ts';
import type { N8nVersion } from '../install/n8n-versions.ts';
import { importWorkflows, modelAccounts } from '../review/imported-workflows.ts';
import { N8nRest, reviewPageAnswers } from '../review/n8n-rest.ts';
import { pagePath, workflowId } from '../review/reviewed-workflow.ts';
import { testInstance, type TestInstance } from '../server/test-instance.ts';
import { CountedModel } from '../task-store/counted-model.ts';
import { deadlineSeconds, runInterrupted, summaryOf, type InterruptedRun } from '../task-store/interrupted-run.ts';
import { N8nApi, untilRegistered } from '../task-store/n8n-api.ts';
import { testOnceEach } from '../task-store/once-each.ts';
import { kill, startServer, startServerAgain } from '../task-store/processes.ts';
import { modelCredential } from '../task-store/store-credentials.ts';
import { webhookWorkflow } from '../task-store/webhook-workflow.ts';
import { ask, decide, decisionsDownstream, workflowWithoutMail } from './human-review.ts';

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 300 });

/** What this package promises on one version of n8n: on one n8n, started once, killed once and started again. */
export function testVersion(version: N8nVersion): void {
	describe(`n8n ${version.n8n} on Node ${version.node}`, () => {
		let instance: TestInstance;
		let model: CountedModel;
		let server: Awaited<ReturnType<typeof startServer>>;
		/** Links to the reviews, by task ID. */
		const reviews = new Map<string, string>();

		beforeAll(async () => {
			[instance, model] = await Promise.all([testInstance({}, version), CountedModel.start(400)]);
			await importDemo(instance.n8n, instance.providers);
			await importWorkflows(instance.n8n, [workflowWithoutMail], modelAccounts(instance.providers));
		});

		afterAll(async () => {
			await instance?.stop();
			await model?.stop();
		});

		test.each(promised)('$name: every ticket comes out as promised', async ({ name, row }) => {
			const story = stories().find((each) => each.name === name);
			expectPromised(await runStory(instance.n8n, story?.id ?? ''), row);
		});

		test('a task that no model can do is a review with a page', async () => {
			server = await startServer(instance.n8n);
			await (await N8nRest.logIn(instance.n8n)).activate(workflowId, pagePath);
			for (const vendor of ['anthropic', 'openai', 'gemini'] as const)
				instance.providers.setFate(vendor, 'unavailable');
			for (const taskId of ['before the kill', 'after the kill']) {
				const [escalated] = await ask(instance.n8n.url, taskId);
				expect(escalated).toMatchObject({ status: 'pending_human_review', taskId });
				reviews.set(taskId, String(escalated?.['reviewUrl']));
			}
			const page = await fetch(linkTo('before the kill'));
			expect(page.status).toBe(200);
			expect(await page.text()).toContain('Order 48213');
		});

		test('the first decision starts the workflow, the second is told so', async () =>
			await decideOnce('before the kill'));

		describe('each task once, n8n killed and started again', () => {
			let run: InterruptedRun;

			beforeAll(async () => {
				const api = await N8nApi.logIn(instance.n8n.url);
				const credentials = await modelCredential(api, model.url);
				const workflow = webhookWorkflow({ path: 'once', store: 'embedded', credentials, deadlineSeconds });
				const webhook = await api.publish(workflow, 'once');
				const runs = await runInterrupted({ once: webhook }, 20, model, {
					isVictims: () => true,
					kill: async () => await kill(server),
					startAnew: async () => {
						await startServerAgain(instance.n8n);
						await untilRegistered(webhook);
					},
				});
				for (const [store, ofStore] of runs) {
					process.stderr.write(summaryOf(store, ofStore, model));
					run = ofStore;
				}
			});

			testOnceEach(() => ({ run, model }));
		});

		test('a review that waited while n8n was killed is decided, and its answer reaches the workflow', async () => {
			await reviewPageAnswers(linkTo('after the kill'));
			await decideOnce('after the kill');
		});

		async function decideOnce(taskId: string): Promise<void> {
			const rest = await N8nRest.logIn(instance.n8n);
			expect(await decide(linkTo(taskId), 'answer', 'Ada')).toBe(200);
			expect(await decide(linkTo(taskId), 'reject', 'Bob')).toBe(409);
			const decided = { taskId, output: 'Refund it, says Ada.', tier: 3, provider: 'human', reviewer: 'Ada' };
			await eventually(async () => await decisionsDownstream(rest, taskId)).toMatchObject([decided]);
			const calls = instance.providers.journal.length;
			expect(await ask(instance.n8n.url, taskId)).toMatchObject([{ ...decided, replayed: true }]);
			expect(instance.providers.journal).toHaveLength(calls);
		}

		function linkTo(taskId: string): string {
			return reviews.get(taskId) ?? '';
		}
	});
}
