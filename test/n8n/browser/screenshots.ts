import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { checkout } from '../install/checkout.ts';

const folder =
	process.env['UPDATE_SCREENSHOTS'] === '1'
		? join(checkout, 'docs', 'images')
		: mkdtempSync(join(tmpdir(), 'n8n-nodes-resilient-llm-screenshots-'));
mkdirSync(folder, { recursive: true });

/** Saves what the user sees now: for the README with UPDATE_SCREENSHOTS=1, else into a temporary folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
	await page.mouse.move(0, 0);
	await dismissToasts(page);
	const path = join(folder, `${name}.png`);
	await page.screenshot({ path });
	process.stderr.write(`Screenshot: ${path}\n`);
}

/** n8n's messages cover a corner for a few seconds. */
async function dismissToasts(page: Page): Promise<void> {
	const close = page.locator('.el-notification__closeBtn');
	while ((await close.count()) > 0) {
		await close
			.first()
			.click({ timeout: 1_000 })
			.catch(() => undefined);
		await page.waitForTimeout(300);
	}
}
