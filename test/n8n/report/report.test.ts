import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { examples, importWorkflows, modelAccounts } from '../review/imported-workflows.ts';
import { MailServer } from '../review/mail-server.ts';
import { N8nRest, type Execution } from '../review/n8n-rest.ts';
import { SlackBehindProxy } from '../review/slack-behind-proxy.ts';
import { testInstance, type TestInstance } from '../server/test-instance.ts';

const path = 'resilient-llm-report';

// The examples, as they come, over what another example has left in the embedded store.
describe('a report that leaves n8n', () => {
	let instance: TestInstance;
	let mails: MailServer;
	let slack: SlackBehindProxy;
	let n8n: N8nRest;
	let browser: Browser;

	beforeAll(async () => {
		[mails, slack, browser] = await Promise.all([MailServer.start(), SlackBehindProxy.start(), launchChromium()]);
		instance = await testInstance(slack.environment);
		const all = await examples();
		const needed = all.filter(({ id }) => ['rlExampleAlert', 'rlExampleReport', 'rlExampleRefund'].includes(id));
		expect(needed).toHaveLength(3);
		const alert = needed.find(({ id }) => id === 'rlExampleAlert')!;
		const byMail = {
			...alert,
			id: 'byMail',
			nodes: alert.nodes.map((node) =>
				node.name === 'Mail the team'
					? { ...node, disabled: false }
					: node.name === 'Post to Slack'
						? { ...node, disabled: true }
						: node,
			),
		};
		await importWorkflows(instance.n8n, [...needed, byMail], {
			...modelAccounts(instance.providers),
			smtp: mails.account,
			slackApi: slack.account,
		});
		await instance.n8n.start();
		n8n = await N8nRest.logIn(instance.n8n);
		await n8n.activate('rlExampleReport', path);
		await n8n.activate('rlExampleAlert');
	});

	afterAll(async () => {
		await browser?.close();
		await instance?.stop();
		await Promise.all([mails?.stop(), slack?.stop()]);
	});

	async function run(workflowId: string): Promise<Execution> {
		const execution = await n8n.run(workflowId, 'Try it');
		expect(execution.error).toBeUndefined();
		expect(execution.status).toBe('success');
		return execution;
	}

	/** Opens the page as a browser does, and tells what else it wanted to load. */
	async function open(query = '') {
		const context = await browser.newContext();
		const tab = await context.newPage();
		const wanted: string[] = [];
		tab.on('request', (request) => wanted.push(request.url()));
		const response = await tab.goto(`${instance.n8n.url}/webhook/${path}${query}`);
		const headings = await tab.getByRole('heading').allTextContents();
		const colour = await tab.evaluate<string>('getComputedStyle(document.body).backgroundColor');
		const text = await tab.locator('body').innerText();
		await context.close();
		return { status: response?.status(), headers: response?.headers() ?? {}, headings, colour, text, wanted };
	}

	test('is silent while nothing happens', async () => {
		const execution = await run('rlExampleAlert');
		expect(execution.items('Report')).toMatchObject([
			{ headline: 'No tasks in the last hour.', alert: false, totals: { tasks: 0 } },
		]);
		expect(execution.ran('Post to Slack')).toBe(false);
		expect((await open()).headings[0]).toBe('No tasks in the last 24 hours.');
	});

	describe('when no model answers', () => {
		beforeAll(async () => {
			for (const vendor of ['anthropic', 'openai', 'gemini'] as const)
				instance.providers.setFate(vendor, 'unauthorized');
			for (let each = 0; each < 4; each += 1) await run('rlExampleRefund');
			// That example mails its escalations.
			expect(mails.mails).toHaveLength(12);
			mails.mails.length = 0;
		});

		const headline = /^Look here: of 12 tasks in the last (hour|24 hours), 100% went to a human\./;

		test('an alert is posted to Slack, with what failed and why', async () => {
			const execution = await run('rlExampleAlert');
			expect(execution.items('Report')).toMatchObject([
				{ alert: true, health: 'alert', totals: { tasks: 12, tier3: { tasks: 12, share: 1 } } },
			]);
			expect(slack.messages).toHaveLength(1);
			const { channel, text = '' } = slack.messages[0]!;
			expect(channel).toBe('#llm-alerts');
			expect(text.slice(1)).toMatch(headline);
			expect(text).toContain('- 100% of the tasks went to a human (12 of 12); the limit is 5%.');
			expect(text).toMatch(/- Anthropic `claude-haiku-5-5` refused the key \(401\): \d+/);
			expect(slack.refused).toEqual([]);
			expect(mails.mails).toEqual([]);
		});

		test('or mailed, with the page in it', async () => {
			await run('byMail');
			expect(mails.mails).toHaveLength(1);
			const { subject, text, html } = mails.mails[0]!;
			expect(subject).toMatch(headline);
			expect(text).toContain('the limit is 5%');
			expect(html).toMatch(/^<!DOCTYPE html>[\s\S]*<h1>Look here: [\s\S]*<\/html>$/);
			expect(slack.messages).toHaveLength(1);
		});

		test('the page shows it in a browser, with its style and nothing else', async () => {
			const { status, headers, headings, colour, text, wanted } = await open();
			expect(status).toBe(200);
			expect(headers).toMatchObject({
				'content-type': 'text/html; charset=utf-8',
				'cache-control': 'no-store',
				'x-content-type-options': 'nosniff',
				'referrer-policy': 'no-referrer',
			});
			expect(headings[0]).toMatch(headline);
			expect(headings).toEqual(
				expect.arrayContaining([
					'Why this is an alert',
					'Who answered',
					'Over time',
					'By model',
					'Failed calls',
					'Why tasks went to a human',
				]),
			);
			expect(colour).toBe('rgb(246, 245, 241)');
			expect(text).toContain('Refused the key (401)');
			expect(wanted).toHaveLength(1);
		});

		test('the address chooses the window and the table', async () => {
			const { headings, text } = await open('?hours=168&by=workflow');
			expect(headings).toContain('By workflow');
			expect(text).toContain('Last 7 days');
			const [report] = (await n8n.executionsWith('rlExampleReport', 'Report'))[0]!.items('Report');
			expect(report).toMatchObject({
				window: { hours: 168 },
				groups: [{ key: 'rlExampleRefund', tasks: 12, tier3: 12 }],
			});
		});
	});
});
