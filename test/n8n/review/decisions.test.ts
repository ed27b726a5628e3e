import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { screenshot } from '../browser/screenshots.ts';
import { testInstance, type TestInstance } from '../server/test-instance.ts';
import { importWorkflows, modelAccounts } from './imported-workflows.ts';
import { MailServer } from './mail-server.ts';
import { N8nRest, reviewPageAnswers, type Json } from './n8n-rest.ts';
import { askPath, nodes, pagePath, reviewedWorkflow, workflowId } from './reviewed-workflow.ts';

const question =
	'Order 48213, delivered on 11 November, 64.90 EUR:\n"You charged me twice. I would like one of the payments back."';
const draft = 'Billing: refund the second charge and confirm by email.';
const comment = 'Checked with accounting: both payments arrived.';
const corrected = 'Hello Ada,\nwe refund 64.90 EUR today. Sorry for the trouble!';
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 300 });

const desktop = { width: 1280, height: 860 };
const looks = [
	['review-phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
	['review-desktop', { viewport: desktop }],
	['review-dark', { viewport: desktop, colorScheme: 'dark' }],
] as const;

type Confidence = 'any' | 'review';

/** Everything that `provider: 'human'` means for a node downstream. */
const humanSuccess = {
	tier: 3,
	degraded: false,
	provider: 'human',
	model: null,
	finishReason: 'stop',
	usage: { inputTokens: 0, outputTokens: 0 },
	costUsd: expect.any(Number),
	latencyMs: expect.any(Number),
	warnings: [],
	attempts: expect.any(Array),
	respondedAt: expect.stringMatching(/^\d{4}-.*Z$/),
	input: { question },
};

describe('a task and its human in a real n8n', () => {
	let instance: TestInstance;
	let mails: MailServer;
	let n8n: N8nRest;
	let browser: Browser;
	/** By task ID: the link in the mail that told of it. */
	const links = new Map<string, string>();

	beforeAll(async () => {
		[instance, mails, browser] = await Promise.all([testInstance(), MailServer.start(), launchChromium()]);
		await importWorkflows(instance.n8n, [reviewedWorkflow], {
			...modelAccounts(instance.providers),
			smtp: mails.account,
		});
		await instance.n8n.start();
		n8n = await N8nRest.logIn(instance.n8n);
		await n8n.activate(workflowId, pagePath);

		instance.providers.setFate('anthropic', 'overloaded');
		for (const taskId of ['to-approve', 'to-edit', 'raced']) await escalate(taskId, 'review');
		for (const vendor of ['anthropic', 'openai', 'gemini'] as const) instance.providers.setFate(vendor, 'unavailable');
		for (const taskId of ['to-answer', 'to-reject', 'restarted']) await escalate(taskId, 'any');
	});

	afterAll(async () => {
		await browser?.close();
		await mails?.stop();
		await instance?.stop();
	});

	/** What the workflow answers: the items of the node it ended in. */
	async function ask(taskId: string, confidence: Confidence): Promise<readonly Json[]> {
		const response = await fetch(`${instance.n8n.url}/webhook/${askPath}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ taskId, customer: 'Ada Palmer', question, confidence }),
		});
		expect(response.status).toBe(200);
		return (await response.json()) as Json[];
	}

	async function escalate(taskId: string, confidence: Confidence): Promise<void> {
		await ask(taskId, confidence);
		const { text } = mails.mailWith(`task ${taskId}`);
		links.set(taskId, /^Review: (\S+)$/m.exec(text)?.[1] ?? '');
	}

	function linkOf(taskId: string): string {
		return links.get(taskId) ?? '';
	}

	function tokenOf(taskId: string): string {
		return new URL(linkOf(taskId)).searchParams.get('token') ?? '';
	}

	async function post(fields: Readonly<Record<string, string>>): Promise<{ status: number; text: string }> {
		const response = await fetch(linkOf('raced').split('?')[0] ?? '', {
			method: 'POST',
			body: new URLSearchParams(fields),
		});
		return { status: response.status, text: await response.text() };
	}

	/** The items that came out of the trigger with this task's decision. */
	async function decided(taskId: string): Promise<readonly Json[]> {
		const executions = await n8n.executionsWith(workflowId, nodes.decision);
		return executions
			.flatMap((execution) => execution.items(nodes.decision))
			.filter((item) => item['taskId'] === taskId);
	}

	/** Two people open the same link; the first one decides, then the second one tries to reject. */
	async function decideTwice(taskId: string, decide: (page: Page) => Promise<void>): Promise<void> {
		const link = linkOf(taskId);
		const [first, second] = [
			await browser.newPage({ viewport: desktop }),
			await browser.newPage({ viewport: desktop }),
		];
		for (const page of [first, second]) await page.goto(link);
		await decide(first);
		await first.getByRole('textbox', { name: 'Your name' }).fill('Grace Hopper');
		await first.getByRole('textbox', { name: /Comment/ }).fill(comment);
		await first.getByRole('button', { name: 'Send decision' }).click();
		await first.getByRole('heading', { name: 'Thank you, your decision is sent' }).waitFor();
		if (taskId === 'to-edit') await screenshot(first, 'review-done');

		await second.getByRole('radio', { name: /Reject the task/ }).check();
		await second.getByRole('textbox', { name: 'Your name' }).fill('Alan Turing');
		await second.getByRole('button', { name: 'Send decision' }).click();
		await second.getByRole('heading', { name: 'Too late, this is already decided' }).waitFor();
		const shown = await second.getByRole('region', { name: 'The decision' }).innerText();
		expect(shown).toContain('Grace Hopper');
		expect(shown).toContain(comment);
		expect(shown).not.toContain('Alan Turing');
		await Promise.all([first.close(), second.close()]);
	}

	/** What went on to the node that uses answers, from the trigger and when the task comes again. */
	async function expectDownstream(taskId: string, promised: Json, confidence: Confidence): Promise<void> {
		const human = { ...humanSuccess, taskId, reviewer: 'Grace Hopper', comment, ...promised };
		await eventually(async () => await decided(taskId)).toHaveLength(1);
		const [execution] = (await n8n.executionsWith(workflowId, nodes.decision)).filter((each) =>
			each.text.includes(`"${taskId}"`),
		);
		expect(execution?.status).toBe('success');
		expect(execution?.items(nodes.use)).toEqual([expect.objectContaining({ taskId })]);
		expect(execution?.items(nodes.use)).toMatchObject([{ ...human, replayed: false }]);

		const calls = instance.providers.journal.length;
		const mailed = mails.mails.length;
		expect(await ask(taskId, confidence)).toMatchObject([{ ...human, replayed: true, costUsd: 0 }]);
		expect(instance.providers.journal).toHaveLength(calls);
		expect(mails.mails).toHaveLength(mailed);
	}

	test('the page is good to look at', async () => {
		for (const [name, options] of looks) {
			const page = await browser.newPage(options);
			await page.goto(linkOf('to-approve'));
			await page.getByRole('heading', { name: 'A draft needs your decision' }).waitFor();
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(options.viewport.width);
			await screenshot(page, name);
			await page.close();
		}
	});

	test('an approved draft goes on as the answer, once', async () => {
		await decideTwice(
			'to-approve',
			async (page) => await page.getByRole('radio', { name: /Approve the draft/ }).check(),
		);
		await expectDownstream('to-approve', { decision: 'approve', output: draft }, 'review');
	});

	test('a corrected draft goes on as the answer, once', async () => {
		await decideTwice('to-edit', async (page) => {
			await page.getByRole('radio', { name: /Correct the draft/ }).check();
			const answer = page.getByRole('textbox', { name: 'The corrected answer' });
			expect(await answer.inputValue()).toBe(draft);
			await answer.fill(corrected);
		});
		await expectDownstream('to-edit', { decision: 'edit', output: corrected }, 'review');
	});

	test('a new answer goes on when all models failed, once', async () => {
		await decideTwice('to-answer', async (page) => {
			expect(await page.getByRole('radio', { name: /Approve/ }).count()).toBe(0);
			await page.getByRole('radio', { name: /Write the answer/ }).check();
			await page.getByRole('textbox', { name: 'Your answer' }).fill('The second charge is on its way back. 😀');
		});
		await expectDownstream(
			'to-answer',
			{ decision: 'answer', output: 'The second charge is on its way back. 😀' },
			'any',
		);
	});

	test('a rejection goes on without an answer, once', async () => {
		await decideTwice('to-reject', async (page) => await page.getByRole('radio', { name: /Reject the task/ }).check());
		await expectDownstream('to-reject', { decision: 'reject', output: null }, 'any');
	});

	test('the page is what design §8 says: nothing is cached, framed or loaded from elsewhere', async () => {
		const { headers } = await fetch(linkOf('raced'));
		const policy = headers.get('content-security-policy') ?? '';
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("form-action 'self'");
		expect(policy).toContain("frame-ancestors 'none'");
		expect(headers.get('cache-control')).toBe('no-store');
		expect(headers.get('referrer-policy')).toBe('no-referrer');
		expect(headers.get('x-content-type-options')).toBe('nosniff');
	});

	test('opening the link a hundred times decides nothing, and neither does a POST without the right token', async () => {
		const before = await n8n.list(workflowId);
		for (let opened = 0; opened < 100; opened += 20) {
			const answers = await Promise.all(
				Array.from({ length: 20 }, async () => await fetch(`${linkOf('raced')}&decision=reject&reviewer=Scanner`)),
			);
			for (const answer of answers) {
				expect(answer.status).toBe(200);
				expect(await answer.text()).toContain('Send decision');
			}
		}
		const rejection = { decision: 'reject', reviewer: 'Mallory' };
		for (const fields of [
			rejection,
			{ ...rejection, token: '' },
			{ ...rejection, token: 'A'.repeat(22) },
			{ ...rejection, token: tokenOf('raced').toLowerCase() },
		]) {
			const { status, text } = await post(fields);
			expect(status).toBe(404);
			expect(text).toContain('This link leads to no review');
		}
		// Another review's token is good for that one only.
		expect((await post({ ...rejection, token: tokenOf('to-approve') })).status).toBe(409);
		expect(await n8n.list(workflowId)).toEqual(before);
		expect(await decided('raced')).toEqual([]);
	});

	test('of twenty decisions at once one wins, and the others are shown it', async () => {
		const people = Array.from({ length: 20 }, (_, index) => `Reviewer ${index + 1}.`);
		const answers = await Promise.all(
			people.map((reviewer) =>
				post({ token: tokenOf('raced'), decision: 'answer', answer: `By ${reviewer}`, reviewer, comment: '' }),
			),
		);
		const winner = people[answers.findIndex(({ status }) => status === 200)] ?? '';
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		for (const { text } of answers) expect(text).toContain(`<bdi>${winner}</bdi> wrote the answer`);
		expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
		await eventually(async () => await decided('raced')).toMatchObject([{ reviewer: winner, output: `By ${winner}` }]);
	});

	test('n8n may be restarted between the escalation and the decision', async () => {
		await instance.n8n.stop();
		await instance.n8n.start();
		n8n = await N8nRest.logIn(instance.n8n);
		await reviewPageAnswers(linkOf('restarted'));
		await decideTwice('restarted', async (page) => {
			await page.getByRole('radio', { name: /Write the answer/ }).check();
			await page.getByRole('textbox', { name: 'Your answer' }).fill('Written after the restart');
		});
		await expectDownstream('restarted', { decision: 'answer', output: 'Written after the restart' }, 'any');
	});

	test('the token stands in the item that carries the link, and nowhere else', async () => {
		const listed = JSON.stringify(await n8n.list(workflowId));
		const decisions = await n8n.executionsWith(workflowId, nodes.decision);
		const escalations = await n8n.executionsWith(workflowId, nodes.mail);
		const log = await readFile(instance.n8n.logFile, 'utf8');
		const store = join(dirname(instance.n8n.logFile), '.n8n', 'n8n-nodes-resilient-llm', 'tasks.sqlite');
		const kept = await Promise.all(
			[store, `${store}-wal`].map(async (file) => await readFile(file, 'latin1').catch(() => '')),
		);
		expect(kept.join('')).toContain('to-approve');
		expect(links.size).toBe(6);
		for (const taskId of links.keys()) {
			const token = tokenOf(taskId);
			expect(token).toHaveLength(22);
			expect(escalations.filter(({ text }) => text.includes(token))).toHaveLength(1);
			for (const place of [listed, log, ...kept, ...decisions.map(({ text }) => text)])
				expect(place.includes(token)).toBe(false);
		}
	});
});
