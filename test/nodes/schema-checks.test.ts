import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createSchemaChecks } from '../../nodes/ResilientLlm/host/schema-checks';

const limits = { compileMs: 10_000, checkMs: 500, memoryMb: 64 };

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

/** CPU time, in ms, that the work takes of the thread on which all of n8n runs. However busy the machine, it stays the same. */
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
			{ kind: 'checked', problems: ['The value must be string'] },
			{ kind: 'gaveUp', why: expect.stringContaining('pattern') as string },
			{ kind: 'checked', problems: ['The value must be number'] },
			{ kind: 'checked', problems: [] },
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
		expect(await report).toEqual({ kind: 'checked', problems: ['The value must be string'] });
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
		expect(await checker({ ...limits, memoryMb: 512 })(schema, value)).toEqual({
			kind: 'gaveUp',
			why: 'it takes longer than 0.5 s',
		});
	});

	it('may be one that fills the memory', async () => {
		const problems = Array.from({ length: 500_000 }, (_, index) => index);
		expect(await checker({ ...limits, checkMs: 30_000 })({ items: { type: 'string' } }, problems)).toEqual({
			kind: 'gaveUp',
			why: 'it takes more than 64 MB of memory',
		});
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
		const module = join(import.meta.dirname, '../../dist/nodes/ResilientLlm/host/json-schema.js');
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
		});
	});
});

function nested(depth: number): object {
	return depth === 0 ? {} : { child: nested(depth - 1) };
}
