import { chromium, selectors, type Browser } from 'playwright-core';

selectors.setTestIdAttribute('data-test-id');

/** Debian's Chromium, kept from everything that has nothing to do with the page. */
export async function launchChromium(): Promise<Browser> {
	return await chromium.launch({
		executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--disable-quic',
			'--no-first-run',
		],
	});
}
