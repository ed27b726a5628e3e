import { expect, it } from 'vitest';

import { percent, percentPast, shortName, spanWords } from '../../nodes/ResilientLlm/report/wording';

it.each([
	[null, '–'],
	[0, '0%'],
	[0.0004, 'under 0.1%'],
	[0.034, '3.4%'],
	[0.345, '35%'],
	[0.9949, '99.5%'],
	[0.99999, '99.9%'],
	[1, '100%'],
])('the share %d is %s', (share, words) => expect(percent(share)).toBe(words));

it.each([
	[0.23, 20, '23%'],
	[0.2004, 20, '20.04%'],
	[0.201, 20, '20.1%'],
	[0.0512, 5, '5.1%'],
	[0.200004, 20, '20.0004%'],
])('%d, past a limit of %d percent, is %s', (share, limit, words) => expect(percentPast(share, limit)).toBe(words));

it.each([
	[60, 'hour'],
	[1440, '24 hours'],
	[2880, '2 days'],
	[10_080, '7 days'],
	[90, '90 minutes'],
	[1, 'minute'],
])('%d minutes are "%s"', (minutes, words) => expect(spanWords(minutes)).toBe(words));

it('cuts a long name, and no character in two', () => {
	expect(shortName('a name')).toBe('a name');
	expect(shortName('abcdef', 4)).toBe('abc…');
	expect(shortName('ab\u{1F600}def', 4)).toBe('ab…');
});
