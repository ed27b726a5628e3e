import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../install/checkout.ts';
import { partsOf } from './page.ts';
import type { Results } from './results.ts';

const file = join(checkout, 'docs', 'survival.md');

export function docsPage(): string {
	return readFileSync(file, 'utf8');
}

/** The page with its tables made anew: each stands between two comments that name it. */
export function withTables(page: string, results: Results): string {
	return Object.entries(partsOf(results)).reduce((text, [name, part]) => {
		const place = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
		if (!place.test(text)) throw new Error(`docs/survival.md has no place for "${name}"`);
		return text.replace(place, (_, open: string, close: string) => `${open}${part}\n${close}`);
	}, page);
}

export function writeDocsPage(results: Results): void {
	writeFileSync(file, withTables(docsPage(), results));
}
