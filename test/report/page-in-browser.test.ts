import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { samplePages } from './sample-pages';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pages = await samplePages();
const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 860 };
/** For the README with UPDATE_SCREENSHOTS=1, else a temporary folder. */
const pictures =
	process.env.UPDATE_SCREENSHOTS === '1'
		? join(import.meta.dirname, '..', '..', 'docs', 'images')
		: mkdtempSync(join(tmpdir(), 'n8n-nodes-resilient-llm-screenshots-'));
/** What the README tells people to send. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

describe.skipIf(!existsSync(executablePath) && process.env.CI === undefined)('in Chromium', () => {
	let browser: Browser;
	let server: Server;
	let origin: string;

	beforeAll(async () => {
		const flags = [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		];
		browser = await chromium.launch({ executablePath, args: flags });
		server = createServer((request, response) => {
			const page = pages[(request.url ?? '').slice(1)];
			response
				.writeHead(page === undefined ? 404 : 200, {
					'content-type': 'text/html; charset=utf-8',
					'content-security-policy': policy,
				})
				.end(page);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	afterAll(async () => {
		await browser.close();
		server.closeAllConnections();
		server.close();
	});

	async function inTab(options: BrowserContextOptions, name: string, work: (tab: Tab) => Promise<void>): Promise<void> {
		const context = await browser.newContext(options);
		const tab = await context.newPage();
		const trouble: string[] = [];
		tab.on('console', (message) => trouble.push(message.text()));
		tab.on('pageerror', (error) => trouble.push(error.message));
		tab.on('request', (request) => request.url() === `${origin}/${name}` || trouble.push(request.url()));
		try {
			await tab.goto(`${origin}/${name}`);
			await work(tab);
			expect(trouble).toEqual([]);
		} finally {
			await context.close();
		}
	}

	describe.each([
		['light', desktop],
		['dark', phone],
	] as const)('in the %s', (colorScheme, viewport) => {
		it.each(Object.keys(pages))('"%s" passes axe, fits the screen, and loads nothing', async (name) => {
			await inTab({ colorScheme, viewport }, name, async (tab) => {
				expect(await violationsOf(tab)).toEqual([]);
				expect(await tab.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
				const sticksOut = await tab
					.locator('.card table')
					.evaluateAll((tables) =>
						tables
							.filter(
								(table) =>
									table.getBoundingClientRect().right > table.closest('.card')!.getBoundingClientRect().right - 10,
							)
							.map(({ textContent }) => textContent),
					);
				expect(sticksOut).toEqual([]);
			});
		});
	});

	/** The page forbids scripts, those of a test's included: they run outside of its policy. */
	async function violationsOf(tab: Tab): Promise<readonly string[]> {
		const { violations, passes } = await tab.evaluate(async (source) => {
			const run = new Function(`${source}; return axe.run(document)`) as () => Promise<axe.AxeResults>;
			return await run();
		}, axeSource);
		expect(passes.length).toBeGreaterThan(10);
		return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
	}

	it('is dark in the dark', async () => {
		const lightness = async (colorScheme: 'light' | 'dark') => {
			let found = 0;
			await inTab({ colorScheme, viewport: desktop }, 'alert', async (tab) => {
				const colour = await tab.evaluate<string>('getComputedStyle(document.body).backgroundColor');
				found = Math.max(...(colour.match(/\d+/g) ?? []).map(Number));
			});
			return found;
		};
		expect(await lightness('light')).toBeGreaterThan(200);
		expect(await lightness('dark')).toBeLessThan(60);
	});

	it('shows hostile names as text', async () => {
		for (const name of ['hostile', 'hostileNode']) {
			await inTab({ viewport: desktop }, name, async (tab) => {
				expect(
					await tab
						.locator(
							'script, img, iframe, base, link, form, a, input, [onload], [onerror], [onfocus], meta[http-equiv=refresh]',
						)
						.count(),
				).toBe(0);
				expect(await tab.evaluate('"hacked" in window')).toBe(false);
				expect(await tab.locator('bdi').first().textContent()).toContain('<script>window.hacked = 1</script>');
			});
		}
	});

	it('tells a screen reader each column of its charts', async () => {
		await inTab({ viewport: desktop }, 'alert', async (tab) => {
			const columns = tab.getByRole('table', { name: /^Over time/ }).getByRole('img');
			expect(await columns.count()).toBe(24);
			expect(await columns.last().getAttribute('aria-label')).toMatch(
				/^20 Nov, 13:05 to 14:05: \d+ tasks? by the first model, \d+ by a fallback, \d+ to a human$/,
			);
		});
	});

	it.each([
		['report-desktop', 'light', { width: 1280, height: 1400 }],
		['report-dark', 'dark', { width: 1280, height: 1400 }],
		['report-phone', 'light', { width: 390, height: 844 }],
		['report-phone-dark', 'dark', { width: 390, height: 844 }],
	] as const)('has its picture taken: %s', async (name, colorScheme, viewport) => {
		await inTab({ colorScheme, viewport, deviceScaleFactor: viewport.width < 500 ? 2 : 1 }, 'alert', async (tab) => {
			// On a phone, from the charts on: the sentences at the top are those of the desktop.
			if (viewport.width < 500)
				await tab
					.getByRole('heading', { name: 'Who answered' })
					.evaluate((heading) => heading.closest('.card')!.scrollIntoView());
			const picture = await tab.screenshot({ path: join(pictures, `${name}.png`) });
			expect(picture.length).toBeGreaterThan(20_000);
		});
	});

	it('draws columns and bars in proportion', async () => {
		await inTab({ viewport: desktop }, 'alert', async (tab) => {
			const heights = await tab
				.getByRole('table', { name: /^Over time/ })
				.getByRole('img')
				.evaluateAll((columns) => columns.map((column) => column.getBoundingClientRect().height));
			expect(Math.max(...heights)).toBeGreaterThan(117);
			expect(Math.max(...heights)).toBeLessThan(124);
			const widths = await tab
				.locator('.split td')
				.evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().width));
			const total = widths.reduce((sum, width) => sum + width, 0);
			expect(widths[0]! / total).toBeGreaterThan(0.65);
			expect(widths[0]! / total).toBeLessThan(0.75);
		});
	});
});
