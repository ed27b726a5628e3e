import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testInstance, type TestInstance } from '../server/test-instance.ts';
import type { Fate } from '../simulated-providers/fate.ts';
import { examples, importWorkflows, modelAccounts, type Workflow } from './imported-workflows.ts';
import { JiraServer } from './jira-server.ts';
import { MailServer } from './mail-server.ts';
import { N8nRest, type Execution, type Json } from './n8n-rest.ts';
import { SlackBehindProxy } from './slack-behind-proxy.ts';

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 300 });
const firstModel = 'claude-haiku-5-5';

/** By the ID of each example that has one: its review page. */
const pages: Readonly<Record<string, string>> = {
	rlExampleJira: 'resilient-llm-jira',
	rlExampleEmail: 'resilient-llm-email',
	rlExampleSlack: 'resilient-llm-slack',
	rlExampleRefund: 'resilient-llm-refunds',
	rlExampleNight: 'resilient-llm-nightly',
};

/** They are run in test/n8n/report. */
const reports = ['rlExampleAlert', 'rlExampleReport'];

const channels = [
	['rlExampleJira', 'Open a Jira issue'],
	['rlExampleEmail', 'Mail the team'],
	['rlExampleSlack', 'Post to Slack'],
] as const;

/** Agents that start in a chat or by hand. They are imported here; agents like them run in `agents/`. */
const startedByPeople: readonly string[] = ['rlExampleAgent', 'rlExampleAgent2'];

describe('examples/', () => {
	let instance: TestInstance;
	let jira: JiraServer;
	let mails: MailServer;
	let slack: SlackBehindProxy;
	let n8n: N8nRest;
	let workflows: readonly Workflow[];

	beforeAll(async () => {
		[jira, mails, slack, workflows] = await Promise.all([
			JiraServer.start(),
			MailServer.start(),
			SlackBehindProxy.start(),
			examples(),
		]);
		workflows = workflows.filter(({ id }) => !reports.includes(id));
		instance = await testInstance(slack.environment);
		await importWorkflows(instance.n8n, workflows, {
			...modelAccounts(instance.providers),
			smtp: mails.account,
			jiraSoftwareCloudApi: jira.account,
			slackApi: slack.account,
		});
		await instance.n8n.start();
		n8n = await N8nRest.logIn(instance.n8n);
		for (const { id } of workflows) await n8n.activate(id, pages[id]);
	});

	afterAll(async () => {
		await instance?.stop();
		await Promise.all([jira?.stop(), mails?.stop(), slack?.stop()]);
	});

	function everyModel(fate: Fate): void {
		for (const vendor of ['anthropic', 'openai', 'gemini'] as const) instance.providers.setFate(vendor, fate);
	}

	async function run(workflowId: string, trigger = 'Try it'): Promise<Execution> {
		const execution = await n8n.run(workflowId, trigger);
		expect(execution.error).toBeUndefined();
		expect(execution.status).toBe('success');
		return execution;
	}

	/**
	 * Takes a decision on the review page that an escalated item links to, and gives what the node downstream made of it.
	 */
	async function decide(
		workflowId: string,
		escalated: Json | undefined,
		fields: Readonly<Record<string, string>>,
		downstream: string,
	): Promise<readonly Json[]> {
		const link = new URL(String(escalated?.['reviewUrl']));
		const body = new URLSearchParams({
			reviewer: 'Grace Hopper',
			...fields,
			token: link.searchParams.get('token') ?? '',
		});
		const response = await fetch(link.origin + link.pathname, { method: 'POST', body });
		expect(response.status).toBe(200);
		await response.arrayBuffer();
		const decisions = async () =>
			(await n8n.executionsWith(workflowId, 'A human decided')).filter(({ text }) =>
				text.includes(`"${String(escalated?.['taskId'])}"`),
			);
		await eventually(async () => (await decisions()).length).toBe(1);
		return (await decisions())[0]?.items(downstream) ?? [];
	}

	describe('while models answer', () => {
		beforeAll(() => everyModel('ok'));

		test.each(channels)('%s uses the answer of the first model', async (id, channel) => {
			const execution = await run(id);
			expect(execution.items('Use the answer')).toEqual([
				{ customer: 'Ada', answer: expect.any(String), answeredBy: firstModel },
			]);
			expect(execution.ran(channel)).toBe(false);
		});

		test('rlExampleRefund books small refunds and asks a human about the big one', async () => {
			const execution = await run('rlExampleRefund');
			const booked = (order: string) => ({ order, refund: 'true', reply: expect.any(String), decidedBy: firstModel });
			expect(execution.items('Book the refund')).toEqual([booked('A-1'), booked('A-2')]);
			const [escalated, ...others] = execution.items('Decide the refund', 1);
			expect(others).toEqual([]);
			expect(escalated).toMatchObject({
				reasonCode: 'human_review_required',
				context: { order: 'A-3' },
				draft: expect.stringContaining('"refund"'),
			});
			expect(mails.mailWith(String(escalated?.['reviewUrl'])).text).toContain('Draft:\n');

			const edited = { decision: 'edit', edited: '{"refund": false, "reply": "An opened amplifier stays yours."}' };
			expect(await decide('rlExampleRefund', escalated, edited, 'Book the refund')).toEqual([
				{ order: 'A-3', refund: 'false', reply: 'An opened amplifier stays yours.', decidedBy: 'Grace Hopper' },
			]);
		});

		test('rlExampleWait asks in Slack whether the draft is good, and takes both verdicts', async () => {
			await run('rlExampleWait');
			await eventually(() => buttons().length).toBe(4);
			const verdict = (words: string, approved: boolean) =>
				buttons().find(
					(button) =>
						button.message.includes(words) && new URL(button.url).searchParams.get('approved') === String(approved),
				)?.url ?? '';
			for (const url of [verdict('charged twice', true), verdict('another account', false)])
				expect((await visit(url)).status).toBe(200);

			await eventually(async () => (await n8n.executionsWith('rlExampleWait', 'Answered?')).length).toBe(2);
			const ends = await n8n.executionsWith('rlExampleWait', 'Answered?');
			expect(ends.flatMap((end) => end.items('Use the answer'))).toEqual([
				{ customer: 'Ada', answer: expect.stringContaining('Billing'), answeredBy: 'Slack' },
			]);
			expect(ends.flatMap((end) => end.items('Rejected'))).toMatchObject([
				{ decision: 'reject', output: null, input: { customer: 'Grace' } },
			]);
		});

		test('rlExampleNight summarises each new row once, and mails a report', async () => {
			await run('rlExampleNight', 'Set up once');
			const night = await run('rlExampleNight', 'Every night at two');
			expect(night.items('Store the summary')).toHaveLength(3);
			for (const row of night.items('Store the summary'))
				expect(row).toMatchObject({ status: 'done', summary: expect.stringMatching(/./) });
			expect(night.items('Write the report')).toMatchObject([{ tickets: 3, answered: 3, escalated: 0 }]);
			expect(mails.mailWith('3 tickets in the batch').subject).toBe('Tickets of the night: 3 done, 0 waiting');

			const nextNight = await run('rlExampleNight', 'Every night at two');
			expect(nextNight.items('New tickets')).toEqual([]);
		});

		test('rlExampleTicket saves a summary, whether run by hand or called', async () => {
			const summarised = { summary: expect.any(String), urgency: 'low', team: 'billing', note: '' };
			expect((await run('rlExampleTicket')).items('Save the ticket')).toEqual([
				{ subject: 'The printer is on fire', text: expect.any(String), ...summarised },
			]);
			expect(await call('resilient-llm-ticket', { subject: 'Help', text: 'I cannot log in' })).toEqual([
				{ subject: 'Help', text: 'I cannot log in', ...summarised },
			]);
		});
	});

	describe('while no model answers', () => {
		beforeAll(() => everyModel('unauthorized'));

		test.each(channels)('%s tells the team, and uses what the human answers', async (id, channel) => {
			const execution = await run(id);
			expect(execution.ran(channel)).toBe(true);
			expect(execution.ran('Use the answer')).toBe(false);
			const [escalated] = execution.items('Answer the question', 1);
			expect(await decide(id, escalated, { decision: 'answer', answer: 'We pay it back.' }, 'Use the answer')).toEqual([
				{ customer: 'Ada', answer: 'We pay it back.', answeredBy: 'Grace Hopper' },
			]);
		});

		test('rlExampleRefund sends a rejected request nowhere', async () => {
			const execution = await run('rlExampleRefund');
			const escalated = execution.items('Decide the refund', 1);
			expect(escalated).toHaveLength(3);
			expect(await decide('rlExampleRefund', escalated[0], { decision: 'reject' }, 'Book the refund')).toEqual([]);
			expect(await decide('rlExampleRefund', escalated[1], { decision: 'reject' }, 'Rejected')).toMatchObject([
				{ decision: 'reject', output: null },
			]);
		});

		test('rlExampleWait asks in Slack for the answer', async () => {
			const known = buttons().length;
			const ended = (await n8n.executionsWith('rlExampleWait', 'Answered?')).length;
			await run('rlExampleWait');
			await eventually(() => buttons().length).toBe(known + 2);
			const form =
				buttons()
					.slice(known)
					.find(({ message }) => message.includes('charged twice'))?.url ?? '';
			const answer = new FormData();
			answer.set('field-0', 'We pay it back.');
			expect((await visit(form, { method: 'POST', body: answer })).status).toBe(200);

			await eventually(async () => (await n8n.executionsWith('rlExampleWait', 'Answered?')).length).toBe(ended + 1);
			const [newest] = await n8n.executionsWith('rlExampleWait', 'Answered?');
			expect(newest?.items('Use the answer')).toEqual([
				{ customer: 'Ada', answer: 'We pay it back.', answeredBy: 'Slack' },
			]);
		});

		test('rlExampleNight marks rows that wait, reports their links, and stores what the human answers', async () => {
			await run('rlExampleNight', 'Set up once');
			const night = await run('rlExampleNight', 'Every night at two');
			expect(night.items('Mark as waiting')).toHaveLength(3);
			for (const row of night.items('Mark as waiting')) expect(row).toMatchObject({ status: 'waiting for a human' });
			const report = mails.mailWith('3 wait for a human');
			expect(report.subject).toBe('Tickets of the night: 0 done, 3 waiting');
			const escalated = night.items('Summarise', 1);
			for (const { reviewUrl } of escalated) expect(report.text).toContain(String(reviewUrl));
			expect(
				await decide(
					'rlExampleNight',
					escalated[0],
					{ decision: 'answer', answer: 'Charged twice.' },
					'Store the summary',
				),
			).toMatchObject([{ subject: 'Charged twice', summary: 'Charged twice.', status: 'done' }]);
		});

		test('rlExampleTicket saves the ticket without a summary, and says why', async () => {
			expect((await run('rlExampleTicket')).items('Save the ticket')).toMatchObject([
				{
					subject: 'The printer is on fire',
					summary: 'The printer is on fire',
					urgency: 'normal',
					note: expect.stringMatching(/failed|unauthorized|401/i),
				},
			]);
		});
	});

	test('no example is forgotten, and nobody but Slack is called through the proxy', async () => {
		expect(workflows.map(({ id }) => id).sort()).toEqual(
			[...Object.keys(pages), 'rlExampleWait', 'rlExampleTicket', ...startedByPeople].sort(),
		);
		for (const { id } of workflows.filter((workflow) => !startedByPeople.includes(workflow.id))) {
			expect((await n8n.list(id)).length).toBeGreaterThan(0);
		}
		expect(slack.refused).toEqual([]);
	});

	/** Every button that Slack was asked to show, with the words around it. */
	function buttons(): readonly { readonly url: string; readonly message: string }[] {
		const waiting = slack.messages.filter(({ blocks }) => JSON.stringify(blocks).includes('/webhook-waiting/'));
		return waiting.flatMap((message) =>
			(message.blocks ?? []).flatMap(({ elements = [] }) =>
				elements.flatMap(({ url }) => (url === undefined ? [] : [{ url, message: JSON.stringify(message) }])),
			),
		);
	}

	/** As a person's browser: n8n lets no program press a button in Slack. */
	async function visit(url: string, init: RequestInit = {}): Promise<Response> {
		return await fetch(url, {
			...init,
			headers: {
				'user-agent':
					'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
			},
		});
	}

	/** Calls the example's webhook and gives what its execution saved. */
	async function call(path: string, body: Json): Promise<readonly Json[]> {
		const known = (await n8n.list('rlExampleTicket')).length;
		const response = await fetch(`${instance.n8n.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		expect(response.status).toBe(200);
		await eventually(async () => (await n8n.list('rlExampleTicket')).length).toBe(known + 1);
		const [newest] = await n8n.executionsWith('rlExampleTicket', 'Save the ticket');
		return newest?.items('Save the ticket') ?? [];
	}
});
