import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { html } from '../../nodes/ResilientLlm/page/html';
import { exactly, momentIn, money, roughly } from '../../nodes/ResilientLlm/page/wording';
import { showReview } from '../../nodes/ResilientLlm/review/review-desk';
import { hostile, samplePages } from './sample-pages';
import { sampleReview } from './sample-review';

const pages = Object.entries(await samplePages());

describe.each(pages)('the page "%s"', (name, { status, headers, body }) => {
	it('allows no script, nothing from elsewhere, no frame, no cache', () => {
		const style = /<style>([\s\S]*?)<\/style>/.exec(body)?.[1] ?? '';
		const hash = createHash('sha256').update(style).digest('base64');
		expect(headers).toEqual({
			'Content-Type': 'text/html; charset=utf-8',
			'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
			'Cache-Control': 'no-store',
			'Referrer-Policy': 'no-referrer',
			'X-Content-Type-Options': 'nosniff',
			'X-Robots-Tag': 'noindex, nofollow',
		});
	});

	it('holds no markup but its own', () => {
		const tags = new Set([...body.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag));
		for (const forbidden of ['script', 'img', 'iframe', 'object', 'embed', 'link', 'base'])
			expect(tags).not.toContain(forbidden);
		expect(body.match(/<form/g)?.length ?? 0).toBe(body.includes('name="decision"') ? 1 : 0);
		const withoutValues = body.replace(/"[^"]*"/g, '""');
		expect(withoutValues).not.toMatch(/<[^>]*\s(on\w+|style)=/);
		for (const [, address] of body.matchAll(/<[^>]*\s(?:href|src|action)="([^"]*)"/g)) expect(address).toMatch(/^[#?]/);
	});

	it('has a status that says what it is', () => {
		const expected: Readonly<Record<string, number>> = {
			incomplete: 422,
			jsonMisfit: 422,
			hostileTyped: 422,
			tooLate: 409,
			unavailable: 503,
			expired: 410,
			unknown: 404,
		};
		expect(status).toBe(expected[name] ?? 200);
	});
});

it('takes a megabyte of text in every place, quickly', async () => {
	const megabyte = '<b>"0123456789&'.repeat(70_000);
	const review = await sampleReview({
		prompt: megabyte,
		systemMessage: megabyte,
		context: { megabyte },
		draft: megabyte,
	});
	const started = performance.now();
	const { body } = await showReview(review.desk, review.token);
	expect(performance.now() - started).toBeLessThan(2000);
	expect(body).toContain('The first 1,000,000 of 1,050,000 characters.');
	// The box to correct the draft in holds all of it, or approving an edit would cut the answer.
	const textarea = /id="edited"[^>]*>\n([\s\S]*?)<\/textarea>/.exec(body)?.[1];
	expect(textarea).toHaveLength(html`${megabyte}`.text.length);
});

it('escapes whatever is not its own constant', () => {
	expect(html`<p title="${'"\'<&>'}">${1}${undefined}${false}${[html`<b>${'<'}</b>`, '>']}</p>`.text).toBe(
		'<p title="&quot;&#39;&lt;&amp;&gt;">1<b>&lt;</b>&gt;</p>',
	);
	expect(html`${'a\u0000b\u001Bc\td\ne'}`.text).toBe('a\uFFFDb\uFFFDc\td\ne');
	expect(html`${hostile}`.text).not.toMatch(/[<>"']/);
});

describe('wording', () => {
	it.each([
		[0, 'less than a minute'],
		[60_000, '1 minute'],
		[59 * 60_000, '59 minutes'],
		[3_600_000, '1 hour'],
		[47 * 3_600_000, '47 hours'],
		[48 * 3_600_000, '2 days'],
	])('roughly %d ms is %s', (ms, words) => expect(roughly(ms)).toBe(words));

	it.each([
		[820.4, '820 ms'],
		[1234, '1.2 s'],
		[185_000, '3 min 5 s'],
	])('exactly %d ms is %s', (ms, words) => expect(exactly(ms)).toBe(words));

	it.each([
		[null, 'not known'],
		[0, '$0'],
		[0.00421, '$0.0042'],
		[0.0000012, '$0.0000012'],
		[1.239, '$1.24'],
	])('%d USD is %s', (usd, words) => expect(money(usd)).toBe(words));

	it('knows time zones, and takes an unknown one for UTC', () => {
		const instant = Date.parse('2026-07-01T12:00:00Z');
		expect(momentIn('Asia/Tokyo', instant)).toBe('Wed, 1 Jul 2026, 21:00 GMT+9');
		expect(momentIn('Mars/Olympus', instant)).toBe('Wed, 1 Jul 2026, 12:00 UTC');
	});
});
