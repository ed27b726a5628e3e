import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { storableJson } from '../../nodes/ResilientLlm/review/storable-json';

describe('what JSON can hold', () => {
	it('is kept as JSON.stringify keeps it', () => {
		fc.assert(
			fc.property(fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true }), (value) => {
				const json = JSON.stringify(value) as string | undefined;
				expect(storableJson(value)).toEqual({ json: json === undefined ? null : JSON.parse(json), leftOut: [] });
			}),
		);
	});

	it('is kept though it stands in several places', () => {
		const shared = { id: 7 };
		expect(storableJson({ from: shared, to: [shared, shared] })).toEqual({
			json: { from: { id: 7 }, to: [{ id: 7 }, { id: 7 }] },
			leftOut: [],
		});
	});

	it.each([
		['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
		['a file', Buffer.from('ab'), { type: 'Buffer', data: [97, 98] }],
		['a number as an object', Object(5) as unknown, 5],
		[
			'a name that means something to JavaScript',
			JSON.parse('{"__proto__":{"a":1}}') as unknown,
			JSON.parse('{"__proto__":{"a":1}}'),
		],
		['a form that depends on its place', { at: { toJSON: (key: string) => key } }, { at: 'at' }],
	])('%s', (_, value, json) => {
		expect(JSON.stringify(storableJson(value).json)).toBe(JSON.stringify(json));
	});

	it('a large whole number, which JSON.stringify refuses, is kept as text', () => {
		expect(storableJson({ id: 12345678901234567890n })).toEqual({ json: { id: '12345678901234567890' }, leftOut: [] });
	});
});

describe('what JSON cannot hold is left out alone, and named', () => {
	const ticket = { id: 7, text: 'Help' };

	it('a value that contains itself', () => {
		const circular: Record<string, unknown> = { ...ticket };
		circular.owner = { name: 'Ada', tickets: [circular] };
		expect(storableJson(circular)).toEqual({
			json: { ...ticket, owner: { name: 'Ada', tickets: ['[not kept: it contains itself]'] } },
			leftOut: [{ where: 'owner.tickets[0]', why: 'it contains itself' }],
		});
	});

	it('a value that is nested too deep', () => {
		let deep: unknown = 'the end';
		for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { a: deep };
		const { json, leftOut } = storableJson({ ...ticket, deep });
		expect(json).toMatchObject(ticket);
		expect(JSON.stringify(json)).toContain('[not kept: it is nested more than 200 levels deep]');
		expect(leftOut).toEqual([
			{ where: expect.stringMatching(/^deep\.a\[0\]\.a/), why: expect.stringContaining('200 levels') },
		]);
	});

	it('a value that is as deep as it may be is kept', () => {
		const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
		expect(storableJson(deep(200)).leftOut).toEqual([]);
		expect(storableJson(deep(201)).leftOut).toHaveLength(1);
	});

	it.each([
		[
			'whose toJSON throws',
			() => ({
				toJSON: () => {
					throw new TypeError('secret');
				},
			}),
		],
		[
			'whose getter throws',
			() =>
				Object.defineProperty({}, 'x', {
					enumerable: true,
					get: () => {
						throw new TypeError('secret');
					},
				}),
		],
		[
			'that is a revoked proxy',
			() => {
				const { proxy, revoke } = Proxy.revocable({}, {});
				revoke();
				return proxy;
			},
		],
		[
			'whose fields cannot be listed',
			() =>
				new Proxy(
					{},
					{
						ownKeys: () => {
							throw new TypeError('secret');
						},
					},
				),
		],
	])('a value %s', (_, make) => {
		const { json, leftOut } = storableJson({ ...ticket, bad: make() });
		expect(json).toMatchObject(ticket);
		expect(JSON.stringify(json)).toContain('[not kept: it cannot be read (TypeError)]');
		expect(leftOut).toEqual([{ where: expect.stringMatching(/^bad/), why: 'it cannot be read (TypeError)' }]);
		expect(JSON.stringify([json, leftOut])).not.toContain('secret');
	});

	it('a throw of something that is no error', () => {
		expect(
			storableJson({
				toJSON: () => {
					throw 'secret';
				},
			}).json,
		).toBe('[not kept: it cannot be read (no reason given)]');
	});

	it('what goes beyond 20 million characters', () => {
		const { json, leftOut } = storableJson({
			...ticket,
			text: 'x'.repeat(19_000_000),
			more: 'y'.repeat(2_000_000),
			last: 'z',
		});
		expect(json).toMatchObject({ ...ticket, text: expect.any(String), more: '[not kept: the whole is too large]' });
		expect(leftOut).toEqual([{ where: 'more', why: 'the whole is too large' }]);
	});

	it('a value that would grow without end: what is shared a thousand times over', () => {
		let value: unknown = 'x'.repeat(100);
		for (let level = 0; level < 40; level++) value = [value, value];
		const startedAt = performance.now();
		const { leftOut } = storableJson(value);
		expect(leftOut[0]?.why).toBe('the whole is too large');
		expect(performance.now() - startedAt).toBeLessThan(5000);
	});

	it('of many such parts, the first twenty are named', () => {
		const bad = {
			toJSON: () => {
				throw new Error();
			},
		};
		const { json, leftOut } = storableJson(Array.from({ length: 50 }, () => bad));
		expect(json).toHaveLength(50);
		expect(leftOut).toHaveLength(20);
	});
});
