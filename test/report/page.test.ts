import { describe, expect, it } from 'vitest';

import { samplePages } from './sample-pages';

const pages = Object.entries(await samplePages());

describe.each(pages)('the page "%s"', (name, page) => {
	it('holds no markup but its own, no script and nothing from elsewhere', () => {
		const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag));
		for (const forbidden of ['script', 'img', 'iframe', 'object', 'embed', 'link', 'base', 'form', 'input', 'a'])
			expect(tags).not.toContain(forbidden);
		const withoutValues = page.replace(/"[^"]*"/g, '""');
		expect(withoutValues).not.toMatch(/<[^>]*\son\w+=/);
		expect(page.match(/<[^>]*\s(href|src|action|background)=/g)).toBeNull();
		expect(/<style>[\s\S]*<\/style>/.exec(page)?.[0]).not.toMatch(/url\(|@import/);
	});

	it('forbids the rest by itself, too', () => {
		expect(page).toContain(
			`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
		);
	});

	it('is fit for mail programs: no variables, sheets of less than 8 kB, and no message that Gmail would clip', () => {
		const sheets = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, sheet]) => sheet!);
		expect(sheets).toHaveLength(2);
		for (const sheet of sheets) expect(sheet.length).toBeLessThan(8192);
		expect(sheets.join()).not.toContain('var(');
		if (!name.startsWith('hostile')) expect(page.length).toBeLessThan(100_000);
	});

	it('gives every table a caption, unless it is a picture', () => {
		const tables = page.split('<table').slice(1);
		for (const table of tables)
			expect(table).toMatch(/^(?: class="chart")?>\n<caption>|^ class="split" role="presentation" aria-hidden="true">/);
		expect(tables.length > 0).toBe(name !== 'silent');
	});
});
