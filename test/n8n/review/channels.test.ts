import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testInstance, type TestInstance } from '../server/test-instance.ts';
import { examples, importWorkflows, modelAccounts } from './imported-workflows.ts';
import { JiraServer } from './jira-server.ts';
import { MailServer } from './mail-server.ts';
import { N8nRest, type Execution, type Json } from './n8n-rest.ts';
import { SlackBehindProxy } from './slack-behind-proxy.ts';

const preview = 'Answer this question of our customer Ada in a few friendly sentences.';
const question = 'I was charged twice for the same invoice. What happens now?';

// The examples, as they come: a person's link must reach them through n8n's own nodes.
describe('an escalation that leaves n8n', () => {
	let instance: TestInstance;
	let jira: JiraServer;
	let mails: MailServer;
	let slack: SlackBehindProxy;
	let n8n: N8nRest;

	beforeAll(async () => {
		[jira, mails, slack] = await Promise.all([JiraServer.start(), MailServer.start(), SlackBehindProxy.start()]);
		instance = await testInstance(slack.environment);
		const escalating = (await examples()).filter(({ id }) =>
			['rlExampleJira', 'rlExampleEmail', 'rlExampleSlack'].includes(id),
		);
		expect(escalating).toHaveLength(3);
		await importWorkflows(instance.n8n, escalating, {
			...modelAccounts(instance.providers),
			smtp: mails.account,
			jiraSoftwareCloudApi: jira.account,
			slackApi: slack.account,
		});
		for (const vendor of ['anthropic', 'openai', 'gemini'] as const) instance.providers.setFate(vendor, 'unauthorized');
		await instance.n8n.start();
		n8n = await N8nRest.logIn(instance.n8n);
	});

	afterAll(async () => {
		await instance?.stop();
		await Promise.all([jira?.stop(), mails?.stop(), slack?.stop()]);
	});

	/** Runs an example, published under `pagePath`, into its escalation. */
	async function escalate(workflowId: string, pagePath: string): Promise<{ execution: Execution; escalated: Json }> {
		await n8n.activate(workflowId, pagePath);
		const execution = await n8n.run(workflowId, 'Try it');
		expect(execution.error).toBeUndefined();
		const [escalated] = execution.items('Answer the question', 1);
		if (!escalated) throw new Error('The task did not escalate');
		return { execution, escalated };
	}

	async function expectReviewPage(link: string | undefined, pagePath: string): Promise<void> {
		expect(link).toMatch(new RegExp(`^${instance.n8n.url}/webhook/${pagePath}\\?token=[\\w-]{22}$`));
		const page = await fetch(link ?? '');
		expect(page.status).toBe(200);
		expect(await page.text()).toContain(question);
	}

	function linkIn(text: string): string | undefined {
		return /^Review: (\S+)$/m.exec(text)?.[1];
	}

	function expectText(text: string, escalated: Json): void {
		expect(text).toContain(`${String(escalated['reason'])}\n`);
		expect(text).toContain(`Prompt:\n> ${preview}\n> \n> ${question}\n`);
		expect(text).toMatch(/^Due: \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m);
		expect(text).toMatch(/^- anthropic claude-haiku-5-5: failed, /m);
	}

	test('is a Jira issue with title, reason, preview and link', async () => {
		const { execution, escalated } = await escalate('rlExampleJira', 'resilient-llm-jira');
		expect(escalated['reason']).toMatch(/All models failed/);
		expect(jira.issues).toHaveLength(1);
		const { summary, description, project, issuetype } = jira.issues[0]!.fields;
		expect(summary).toMatch(/^Resilient LLM: escalate to Jira: a task needs a human – Answer this question/);
		expectText(description, escalated);
		await expectReviewPage(linkIn(description), 'resilient-llm-jira');
		expect([project.id, issuetype.id]).toEqual(['10000', '10001']);
		expect(execution.items('Open a Jira issue')).toMatchObject([{ key: 'SUP-1' }]);
	});

	test('is a mail with title, reason, preview and link', async () => {
		const { escalated } = await escalate('rlExampleEmail', 'resilient-llm-email');
		expect(mails.mails).toHaveLength(1);
		const { from, to, subject, text } = mails.mails[0]!;
		expect([from, to]).toEqual(['n8n@example.com', 'team@example.com']);
		expect(subject).toMatch(/^Resilient LLM: escalate by email, and remind: a task needs a human – Answer this/);
		expectText(text, escalated);
		await expectReviewPage(linkIn(text), 'resilient-llm-email');
	});

	test('is a Slack message with title, reason, preview and link, and nobody else is called through the proxy', async () => {
		const { escalated } = await escalate('rlExampleSlack', 'resilient-llm-slack');
		expect(slack.messages).toHaveLength(1);
		const { channel, text, blocks = [] } = slack.messages[0]!;
		expect(channel).toBe('#support-reviews');
		expect(text).toMatch(/^Resilient LLM: escalate to Slack: a task needs a human – Answer this/);
		expect(blocks[0]).toMatchObject({ type: 'header', text: { type: 'plain_text', text } });
		const sections = blocks.filter(({ type }) => type === 'section').map((block) => block.text);
		expect(sections).toContainEqual(expect.objectContaining({ type: 'plain_text', text: escalated['reason'] }));
		expect(sections).toContainEqual(
			expect.objectContaining({ type: 'plain_text', text: `Prompt:\n${preview}\n\n${question}` }),
		);
		const button = blocks.find(({ type }) => type === 'actions')?.elements?.[0];
		expect(button).toMatchObject({ type: 'button', text: { type: 'plain_text', text: 'Review' } });
		await expectReviewPage(button?.url, 'resilient-llm-slack');
		expect(slack.refused).toEqual([]);
	});
});
