import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import type axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Page } from '../../nodes/ResilientLlm/review/page/document';
import { showReview, takeDecision } from '../../nodes/ResilientLlm/review/review-desk';
import { hostile, samplePages } from './sample-pages';
import { sampleReview, samplePayload } from './sample-review';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pages = await samplePages();
const ordinaryPages = Object.keys(pages).filter((name) => !name.startsWith('hostile'));
const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 860 };

describe.skipIf(!existsSync(executablePath) && process.env.CI === undefined)('in Chromium', () => {
	let browser: Browser;
	let server: Server;
	let origin: string;
	const review = sampleReview();

	beforeAll(async () => {
		const flags = [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		];
		browser = await chromium.launch({ executablePath, args: flags });
		server = createServer(
			(request, response) =>
				void answer(request.url ?? '', request.method ?? '', request).then((page) =>
					response.writeHead(page.status, page.headers).end(page.body),
				),
		);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	afterAll(async () => {
		await browser.close();
		server.closeAllConnections();
		server.close();
	});

	/** Sample pages under their names, and a review that really works under /review. */
	async function answer(address: string, method: string, request: AsyncIterable<Buffer>): Promise<Page> {
		const { pathname, searchParams } = new URL(address, 'http://any');
		const { desk } = await review;
		if (pathname !== '/review') return pages[pathname.slice(1)] ?? pages.unknown!;
		if (method === 'GET') return await showReview(desk, searchParams.get('token'));
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		return (await takeDecision(desk, Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())))).page;
	}

	async function inTab<Result>(
		options: BrowserContextOptions,
		work: (tab: Tab, trouble: readonly string[]) => Promise<Result>,
	): Promise<Result> {
		const context = await browser.newContext(options);
		// Beside other work, megabytes are laid out for longer than Playwright's own 30 s.
		context.setDefaultTimeout(120_000);
		const tab = await context.newPage();
		const trouble: string[] = [];
		tab.on('console', (message) => trouble.push(message.text()));
		tab.on('pageerror', (error) => trouble.push(error.message));
		tab.on('request', (request) => request.url().startsWith(origin) || trouble.push(request.url()));
		try {
			return await work(tab, trouble);
		} finally {
			await context.close();
		}
	}

	describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
		it.each(ordinaryPages)('"%s" passes axe, fits a phone, and loads nothing', async (name) => {
			await inTab({ colorScheme, viewport: phone }, async (tab, trouble) => {
				await tab.goto(`${origin}/${name}`);
				for (const choice of await tab.locator('#decision-answer').all()) await choice.check();
				expect(await violationsOf(tab)).toEqual([]);
				expect(await widthOf(tab)).toBe(phone.width);
				// Chromium logs every status from 400 on as a failed load of the page itself.
				expect(trouble.filter((line) => !line.startsWith('Failed to load resource'))).toEqual([]);
			});
		});
	});

	async function violationsOf(tab: Tab): Promise<readonly string[]> {
		const { violations, passes } = await tab.evaluate(async (source) => {
			const run = new Function(`${source}; return axe.run(document)`) as () => Promise<axe.AxeResults>;
			return await run();
		}, axeSource);
		expect(passes.length).toBeGreaterThan(10);
		return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
	}

	async function widthOf(tab: Tab): Promise<number> {
		return await tab.evaluate<number>('document.documentElement.scrollWidth');
	}

	it('shows hostile text as text', async () => {
		await inTab({ viewport: desktop }, async (tab, trouble) => {
			for (const name of ['hostileOpen', 'hostileTyped', 'hostileDecided']) {
				await tab.goto(`${origin}/${name}`);
				expect(
					await tab
						.locator('script, img, iframe, base, link, form form, [onload], [onerror], [onfocus], meta[http-equiv]')
						.count(),
				).toBe(0);
				expect(await tab.evaluate('"hacked" in window')).toBe(false);
			}
			await tab.goto(`${origin}/hostileOpen`);
			const shown = hostile.replace(/[\u0000\u0007\u001b\uD800]/g, '\uFFFD');
			for (const name of ['Draft', 'Prompt', 'System message']) {
				expect(await tab.getByRole('group', { name, exact: true, includeHidden: true }).textContent()).toBe(shown);
			}
			expect(await tab.locator('#edited').inputValue()).toBe(shown);
			expect(trouble.filter((line) => !line.startsWith('Failed to load resource'))).toEqual([]);
		});
	});

	it('opens a megabyte in every place', async () => {
		const megabyte = 'Lorem ipsum <b>dolor</b> & "sit".\n'.repeat(31_000);
		const { desk, token } = await sampleReview({ prompt: megabyte, draft: megabyte, context: { megabyte } });
		await inTab({ viewport: phone }, async (tab) => {
			const { body } = await showReview(desk, token);
			await tab.setContent(body);
			await tab.locator('#decision-edit').check();
			expect(await tab.locator('#edited').inputValue()).toBe(megabyte);
			expect(await widthOf(tab)).toBe(phone.width);
		});
	});

	it('is decided with the keyboard alone, without JavaScript, and without telling the token to anyone', async () => {
		const { token, record } = await review;
		await inTab({ viewport: desktop, javaScriptEnabled: false }, async (tab) => {
			await tab.goto(`${origin}/review?token=${token}`);
			const posted = tab.waitForRequest((request) => request.method() === 'POST');

			await tab.keyboard.press('Tab');
			await tab.keyboard.press('Enter');
			await tab.keyboard.press('Tab');
			await tab.keyboard.press('ArrowDown');
			expect(await tab.getByRole('radio', { name: /Correct the draft/ }).isChecked()).toBe(true);
			await tab.keyboard.press('Tab');
			await tab.keyboard.press('Control+Home');
			await tab.keyboard.type('PS first.\n');
			await tab.keyboard.press('Tab');
			await tab.keyboard.type('Grace Hopper');
			await tab.keyboard.press('Enter');

			const request = await posted;
			expect(request.url()).toBe(`${origin}/review?`);
			expect(request.headers().referer).toBeUndefined();
			await tab.getByRole('heading', { name: 'Thank you, your decision is sent' }).waitFor();
			expect(await record()).toMatchObject({
				state: 'resolved',
				decision: { decision: 'edit', output: `PS first.\n${samplePayload.draft}`, reviewer: 'Grace Hopper' },
			});
		});
	});
});
