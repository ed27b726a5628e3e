import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSchemaChecks } from '../../nodes/ResilientLlm/schemas/schema-checks';

const limits = { compileMs: 10_000, checkMs: 500 };

/** Takes a backtracking engine twice as long with every letter of the text. */
const slow = { type: 'string', pattern: '^(\\w+\\s?)*$' };
const endless = `${'a'.repeat(40)}!`;

function checker(given = limits) {
	const checks = createSchemaChecks(given);
	return async (schema: unknown, value?: unknown, cancel?: AbortSignal) =>
		await checks.run(
			{ schema: JSON.stringify(schema), ...(value !== undefined && { value: JSON.stringify(value) }) },
			cancel,
		);
}

/**
 * CPU time, in ms, that the work takes of the thread on which all of n8n runs. However busy the machine, it stays the
 * same.
 */
async function mainThreadMsOf(work: () => Promise<unknown>): Promise<number> {
	const before = process.threadCpuUsage();
	await work();
	const { user, system } = process.threadCpuUsage(before);
	return (user + system) / 1000;
}

describe('a check that never ends', () => {
	it('is given up, names its pattern, and blocks nothing else meanwhile', async () => {
		const check = checker();
		let report: unknown;
		const takenMs = await mainThreadMsOf(async () => (report = await check(slow, endless)));
		expect(report).toEqual({
			kind: 'gaveUp',
			why: 'it takes longer than 0.5 s because of the pattern "^(\\w+\\s?)*$"',
		});
		expect(takenMs).toBeLessThan(200);
	});

	it('takes no other check down, neither one before it nor one behind it', async () => {
		const check = checker();
		const reports = await Promise.all([
			check({ type: 'string' }, 1),
			check(slow, endless),
			check({ type: 'number' }, 'a'),
			check(slow, 'a b'),
		]);
		expect(reports).toEqual([
			{ kind: 'checked', problems: ['The value must be string'], unknownKeywords: [] },
			{ kind: 'gaveUp', why: expect.stringContaining('pattern') as string },
			{ kind: 'checked', problems: ['The value must be number'], unknownKeywords: [] },
			{ kind: 'checked', problems: [], unknownKeywords: [] },
		]);
	});

	it('holds up answers of its own schema only: another one has its turn after one check', async () => {
		const check = checker();
		const order: string[] = [];
		await Promise.all([
			...['first', 'second', 'third'].map(async (name) => await check(slow, endless).then(() => order.push(name))),
			check({ type: 'string' }, 'a').then(() => order.push('other')),
		]);
		expect(order).toEqual(['first', 'other', 'second', 'third']);
	});

	it('is not what a machine that slept takes for one', async () => {
		const check = checker();
		const report = check({ type: 'string' }, 1);
		const until = performance.now() + 2 * limits.checkMs;
		while (performance.now() < until);
		expect(await report).toEqual({ kind: 'checked', problems: ['The value must be string'], unknownKeywords: [] });
	});

	it.each([
		['unique items of a large list', { uniqueItems: true }, Array.from({ length: 50_000 }, (_, index) => ({ index }))],
		[
			'branches that each ask for the same branches',
			{
				anyOf: Array.from({ length: 4 }, (_, index) => ({
					properties: { child: { $ref: '#' } },
					required: [`is${index}`],
				})),
			},
			nested(30),
		],
	])('may be one over %s', async (_, schema, value) => {
		expect(await checker()(schema, value)).toEqual({
			kind: 'gaveUp',
			why: 'it takes longer than 0.5 s',
		});
	});

	it.each([
		[
			'a mistake in every item',
			{ items: { allOf: Array.from({ length: 20 }, () => ({ type: 'string' })) } },
			Array.from({ length: 300_000 }, (_, index) => index),
		],
		[
			'branches of branches',
			{ anyOf: Array.from({ length: 4 }, () => ({ properties: { child: { $ref: '#' } }, required: ['no'] })) },
			nested(40),
		],
	])('takes little memory meanwhile: %s', async (_, schema, value) => {
		const check = checker({ ...limits, checkMs: 3000 });
		await check(schema, {});
		const before = process.memoryUsage.rss();
		let most = 0;
		const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
		await check(schema, value);
		clearInterval(timer);
		expect((most - before) / 2 ** 20, 'MB').toBeLessThan(300);
	});
});

describe('a check in which more is wrong than anyone can read', () => {
	const text = { type: 'string' };
	// What holds a reference is a function of its own; what does not is written out where it is referred to.
	const $defs = {
		text,
		word: { allOf: [{ $ref: '#/$defs/text' }] },
		long: { allOf: [{ $ref: '#/$defs/many' }] },
		many: { minItems: 1000 },
	};
	const schemas: readonly object[] = [
		{ items: { $ref: '#/$defs/word' }, $defs },
		{ anyOf: [{ items: { $ref: '#/$defs/word' } }, { $ref: '#/$defs/long' }], $defs },
		{ oneOf: [{ items: { $ref: '#/$defs/word' } }, { $ref: '#/$defs/long' }, {}], $defs },
		{ not: { anyOf: [{ items: { $ref: '#/$defs/word' } }, { $ref: '#/$defs/long' }] }, $defs },
		{ items: { $ref: '#/$defs/text' }, $defs: { text } },
		{ items: { anyOf: [{ $ref: '#/$defs/text' }, { type: 'null' }] }, $defs: { text } },
		{ items: { oneOf: [text, { type: 'integer' }, { minimum: 5 }] } },
		{ items: { not: { $ref: '#/$defs/text' } }, $defs: { text } },
		{ allOf: [{ items: text }, { anyOf: [{ items: text }, { items: { type: 'number' } }] }] },
		{ anyOf: [{ items: { $ref: '#/$defs/text' } }, { contains: { const: 7 } }], $defs: { text } },
		{ if: { items: text }, then: { maxItems: 3 }, else: { minItems: 300 } },
		{
			items: { $ref: '#/$defs/list' },
			$defs: { list: { type: ['array', 'number'], items: { $ref: '#/$defs/list' } } },
		},
		{ prefixItems: [text], items: { enum: [1, 2] }, uniqueItems: true, unevaluatedItems: false },
		{ contains: text, minContains: 120, maxContains: 130 },
	];
	const values = fc.array(fc.constantFrom<unknown>('a', 1, 7, null, ['a', [1]], {}), { minLength: 90, maxLength: 400 });

	it('comes to the same verdict as ajv by itself, with its first problems', async () => {
		const check = checker({ ...limits, checkMs: 10_000 });
		const plain = schemas.map((schema) =>
			new Ajv2020({ allErrors: true, strict: false, ownProperties: true }).compile(schema),
		);
		await fc.assert(
			fc.asyncProperty(values, async (value) => {
				for (const [index, schema] of schemas.entries()) {
					const report = await check(schema, value);
					const isValid = plain[index]!(value);
					const problems = report.kind === 'checked' ? report.problems : ['not checked'];
					expect(problems.length === 0, JSON.stringify(schema)).toBe(isValid);
					expect(problems.length).toBe(Math.min(20, plain[index]!.errors?.length ?? 0));
				}
			}),
			{ numRuns: 100 },
		);
	});
});

describe('a check that is slow for another reason than its patterns', () => {
	it('blames none of them', async () => {
		const schema = { items: { properties: { name: { pattern: '^a' } } }, uniqueItems: true };
		const value = Array.from({ length: 50_000 }, (_, index) => ({ name: `a${index}` }));
		expect(await checker()(schema, value)).toEqual({ kind: 'gaveUp', why: 'it takes longer than 0.5 s' });
	});
});

describe('the thread', () => {
	it('keeps no process alive that has nothing else to do', () => {
		const module = join(import.meta.dirname, '../../dist/nodes/ResilientLlm/schemas/json-schema.js');
		const script = `require(${JSON.stringify(module)}).compileSchema({}).then(({ kind }) => console.log(kind))`;
		expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 30_000 })).toBe('compiled\n');
	});
});

describe('an execution that is cancelled', () => {
	it('has none of its checks run that have not begun', async () => {
		let threads = 0;
		const count = () => (threads += 1);
		process.on('worker', count);
		const check = checker();
		expect(await check(slow, endless, AbortSignal.abort())).toMatchObject({ why: 'the execution was cancelled' });
		expect(await check({ type: 'string' }, 1)).toMatchObject({ kind: 'checked' });
		process.off('worker', count);
		expect(threads, 'a second thread would have taken the place of one that was ended').toBe(1);
	});

	it('waits for no check, neither one under way nor one in the row', async () => {
		const check = checker();
		await check(slow, 'a b');
		const cancel = new AbortController();
		const running = check(slow, endless, cancel.signal);
		const waiting = check(slow, 'a b', cancel.signal);
		const startedAt = performance.now();
		cancel.abort();
		expect(await Promise.all([running, waiting])).toEqual(
			Array(2).fill({ kind: 'gaveUp', why: 'the execution was cancelled' }),
		);
		expect(performance.now() - startedAt).toBeLessThan(200);
		expect(await check({ type: 'string' }, 1), 'the next execution finds it in order').toEqual({
			kind: 'checked',
			problems: ['The value must be string'],
			unknownKeywords: [],
		});
	});
});

function nested(depth: number): object {
	return depth === 0 ? {} : { child: nested(depth - 1) };
}
