import { createContext, Script } from 'node:vm';

import { describe, expect, it } from 'vitest';

import { generalTexts, textsFor } from './hostile-texts';
import { patternLiterals } from './pattern-literals';

/** What all hostile texts together may take of one pattern, in ms of CPU time: a text of 1 MB takes it 1 to 10. */
const longestMs = 200;

/** A pattern that takes this long, in ms, is stopped: it may well take hours. */
const patienceMs = 5000;

const sandbox = createContext({ search: () => {} });
const script = new Script('search()');

/** CPU time, in ms, of the slowest search; a time limit that V8 itself keeps ends searches that would never end. */
function slowestSearchMs(pattern: RegExp, texts: readonly string[]): number {
	let slowest = 0;
	Object.assign(sandbox, {
		search: () => {
			for (const text of texts) {
				const before = process.threadCpuUsage();
				if (pattern.global) text.replace(pattern, '');
				else pattern.test(text);
				const { user, system } = process.threadCpuUsage(before);
				slowest = Math.max(slowest, (user + system) / 1000);
			}
		},
	});
	script.runInContext(sandbox, { timeout: patienceMs });
	return slowest;
}

describe('every pattern of the package reads 1 MB of hostile text in less than 200 ms', () => {
	const literals = new Map(patternLiterals().map((literal) => [String(literal.pattern), literal]));

	it('which are many', () => {
		expect(literals.size).toBeGreaterThan(150);
	});

	it.each([...literals.values()])('$file:$line /$source/', ({ source, pattern }) => {
		expect(slowestSearchMs(pattern, [...generalTexts, ...textsFor(source)])).toBeLessThan(longestMs);
	});
});
