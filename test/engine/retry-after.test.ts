import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, retryAfterMs } from '../../nodes/ResilientLlm/engine/retry-after';

const noon = Date.parse('2026-11-20T12:00:00Z');
const read = (headers: Record<string, string>, text = '') => retryAfterMs(new Headers(headers), text, noon);

describe('Retry-After', () => {
	it.each([
		[{ 'retry-after': '7' }, 7000],
		[{ 'retry-after': '0' }, 0],
		[{ 'retry-after': ' 1.5 ' }, 1500],
		[{ 'retry-after-ms': '450' }, 450],
		[{ 'x-ms-retry-after-ms': '99.4' }, 100],
		[{ 'retry-after': '9', 'retry-after-ms': '450' }, 450],
		[{ 'retry-after': 'Fri, 20 Nov 2026 12:00:42 GMT' }, 42_000],
		[{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
		[{ 'retry-after': '999999999999' }, 86_400_000],
	])('is read from %j', (headers, expected) => {
		expect(read(headers)).toBe(expected);
	});

	it('measures a date by the server’s own clock when the reply names it', () => {
		expect(read({ 'retry-after': 'Fri, 20 Nov 2026 13:00:30 GMT', date: 'Fri, 20 Nov 2026 13:00:00 GMT' })).toBe(
			30_000,
		);
	});

	it.each([
		['Rate limit reached. Please try again in 1.2s.', 1200],
		['Please try again in 6m0s', 360_000],
		['Please try again in 20ms. Visit …', 20],
		['retry after 5 seconds', 5000],
		['Please retry in 36.5s', 36_500],
		['Try again in 2 minutes', 120_000],
	])('is understood in words: %s', (text, expected) => {
		expect(read({}, text)).toBe(expected);
	});

	it.each([['soon'], ['-5'], ['NaN'], ['1e9'], ['']])('is not invented from "%s"', (value) => {
		expect(read({ 'retry-after': value })).toBeUndefined();
	});

	it.each([['try again later'], ['wait 5 more'], ['in 5 s']])('is not read into "%s"', (text) => {
		expect(read({}, text)).toBeUndefined();
	});

	it('is a sane number or nothing, whatever the server sends', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), fc.string(), (after, ms, text) => {
				const headers = new Map([
					['retry-after', after],
					['retry-after-ms', ms],
				]);
				const value = retryAfterMs({ get: (name) => headers.get(name) ?? null }, text, noon);
				if (value !== undefined) {
					expect(Number.isInteger(value)).toBe(true);
					expect(value).toBeGreaterThanOrEqual(0);
					expect(value).toBeLessThanOrEqual(86_400_000);
				}
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('a duration', () => {
	it.each([
		['36s', 36_000],
		['1.5s', 1500],
		['450ms', 450],
		['1m2.5s', 62_500],
		['2h', 7_200_000],
	])('%s is read', (text, ms) => {
		expect(durationMs(text)).toBe(ms);
	});

	it('of more than a hundred characters is none, and takes no time to be found so', () => {
		expect(durationMs('1s'.repeat(50))).toBe(50_000);
		expect(durationMs('1s'.repeat(51))).toBeUndefined();
		expect(durationMs('1'.repeat(10_000_000))).toBeUndefined();
	});

	it.each([
		['', undefined],
		['s', undefined],
		['5', undefined],
		['5s later', undefined],
	])('"%s" is none', (text, ms) => {
		expect(durationMs(text)).toBe(ms);
	});
});
