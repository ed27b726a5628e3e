import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { isObject, listOf } from './json';
import type { Call, Check, Violation } from './violation';

/** Values by the path they are put at: `messages.0.content`, with `+` for one more in a list. Undefined takes away. */
export type Edits = Readonly<Record<string, unknown>>;

/** A rule, and what breaks it in a good request; optionally, how the request is sent. */
export type RuleCase = readonly [rule: string, edits: Edits, call?: Call];

export interface RuleSuite {
	readonly check: Check;
	readonly good: object;
	readonly call?: Call;
	readonly cases: readonly RuleCase[];
	/** The files whose rules the cases have to break, each at least once. */
	readonly files: readonly string[];
	/** Rules that the test breaks by other means. */
	readonly elsewhere?: readonly string[];
	/** What else passes: the edges of what is allowed. */
	readonly alsoGood?: ReadonlyArray<readonly [edits: Edits, call?: Call]>;
	/** Words that the vendor is known to say. */
	readonly words?: ReadonlyArray<readonly [message: string, edits: Edits, call?: Call]>;
}

export function edited(request: object, edits: Edits): object {
	const copy: unknown = structuredClone(request);
	for (const [path, value] of Object.entries(edits)) put(copy, path.split('.'), value);
	return copy as object;
}

function put(target: unknown, [key = '', ...rest]: readonly string[], value: unknown): void {
	const place = key === '+' ? listOf(target).length : key;
	if (typeof target !== 'object' || target === null) throw new Error(`Nothing to put ${key} into`);
	const holder = target as Record<string, unknown>;
	if (rest.length > 0) put(holder[place], rest, value);
	else if (value === undefined && Array.isArray(target)) target.splice(Number(place), 1);
	else if (value === undefined) delete holder[place];
	else holder[place] = structuredClone(value);
}

export function rulesOf(violations: readonly Violation[]): readonly string[] {
	return violations.map(({ rule }) => rule);
}

/** The good request passes, each case breaks its rule, and no rule goes unbroken. */
export function describeRules(name: string, suite: RuleSuite): void {
	const { check, good, call, cases, files, elsewhere = [], alsoGood = [], words = [] } = suite;
	const refusals = (request: object, how: Call | undefined) =>
		check(request, how).filter(({ severity }) => severity === 'refused');

	describe(name, () => {
		it('lets a good conversation pass', () => {
			expect(refusals(good, call)).toEqual([]);
		});

		it.each(alsoGood.map((one) => [JSON.stringify(one).slice(0, 100), one] as const))(
			'lets %s pass',
			(_, [edits, own]) => {
				expect(refusals(edited(good, edits), own ?? call)).toEqual([]);
			},
		);

		it.each(words.map((one) => [one[0], one] as const))('says: %s', (message, [, edits, own]) => {
			expect(refusals(edited(good, edits), own ?? call).map((violation) => violation.message)).toContain(message);
		});

		it.each(cases.map((one) => [one[0], JSON.stringify(one[1]).slice(0, 90), one] as const))(
			'finds %s in %s',
			(rule, _, [, edits, ownCall]) => {
				expect(rulesOf(check(good, call))).not.toContain(rule);
				expect(rulesOf(check(edited(good, edits), ownCall ?? call))).toContain(rule);
			},
		);

		it('has a case for every rule', () => {
			const broken = [...cases.map(([rule]) => rule), ...elsewhere];
			const known = [...new Set(files.flatMap(rulesIn))];
			expect(known.length).toBeGreaterThan(10);
			expect(known.filter((rule) => !broken.includes(rule))).toEqual([]);
		});
	});
}

/** The names that a source file gives its rules. */
function rulesIn(file: string): readonly string[] {
	const source = readFileSync(join(import.meta.dirname, file), 'utf8');
	const calls = /(?:refused|warning)\(\s*'([a-z0-9-]+)'|lengthRule\([^;]*?, '([a-z0-9-]+)'\);/g;
	return [...source.matchAll(calls)].map(([, rule, ofLength]) => rule ?? ofLength ?? '');
}

/** Whatever is sent, a check answers: adapters under test may send anything. */
export function describeHostileInput(name: string, check: Check, good: object): void {
	describe(`${name}, given anything`, () => {
		const strange: readonly unknown[] = [
			undefined,
			null,
			7,
			'text',
			[],
			{},
			[null],
			{ messages: 7 },
			{ input: [null] },
		];
		it.each(strange.map((value) => [JSON.stringify(value), value] as const))('does not throw at %s', (_, value) => {
			expect(() => check(value)).not.toThrow();
		});

		it('does not throw when any one value is another', () => {
			for (const path of pathsIn(good)) {
				for (const value of [null, 7, 'text', [null], undefined]) {
					expect(() => check(edited(good, { [path]: value }))).not.toThrow();
				}
			}
		});
	});
}

function pathsIn(value: unknown, path: readonly string[] = []): readonly string[] {
	const inner = Array.isArray(value) ? value.entries() : isObject(value) ? Object.entries(value) : [];
	const own = path.length > 0 ? [path.join('.')] : [];
	return [...own, ...[...inner].flatMap(([key, child]) => pathsIn(child, [...path, String(key)]))];
}
