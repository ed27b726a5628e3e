import { expect, test } from 'vitest';
import { docsPage, withTables } from './docs-page.ts';
import { readResults } from './results.ts';

test('docs/survival.md shows what was measured; `npm run survival -- --page` writes it anew', () => {
	expect(docsPage()).toBe(withTables(docsPage(), readResults()));
});
