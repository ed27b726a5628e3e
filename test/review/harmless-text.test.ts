import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
	markdownBlock,
	markdownLine,
	plainLine,
	plainText,
	quotedText,
	visibleLine,
	visibleText,
} from '../../nodes/ResilientLlm/review/harmless-text';

/** How the programs find what they act on, each in the way of its own documentation. */
const readers: Readonly<Record<string, RegExp>> = {
	"Slack's commands and links": /<(?:[!@#][^>\n]*|[a-z][\w+.-]*:[^>\n]*)>/i,
	'mentions by name': /(?<![\p{L}\p{N}._%+-])@[\p{L}\p{N}_]/u,
	"Jira's macros": /\{[a-z][\w-]*(?::[^}\n]*)?\}/i,
	"Jira's pictures": /![^\s!|]+(?:\|[^!\n]*)?!/,
	"Jira's links": /\[(?:[^[\]\n|]+\|[^[\]\n]+|[~^#][^[\]\n]+|[a-z]+:\/\/[^[\]\n]+|mailto:[^[\]\n]+)\]/i,
	"Markdown's links and pictures": /\]\([^)\n]*\)|\]\[[^\]\n]*\]|^\[[^\]\n]+\]:/m,
	"HTML's tags": /<\/?[a-z!?][^>\n]*>/i,
};

const commands: readonly string[] = [
	'<!channel>',
	'<!here>',
	'<!subteam^S1|@team>',
	'<@U012AB3CD>',
	'<#C1|general>',
	'<https://evil.example|click>',
	'<mailto:a@b.example|mail>',
	'@channel',
	'@here',
	'@everyone',
	'@ada',
	'(@ada)',
	'@@here',
	'{code}',
	'{code:java}',
	'{color:white}',
	'{panel:title=x|borderStyle=dashed}',
	'{html}',
	'{noformat}',
	'!image.png!',
	'!https://evil.example/a.png!',
	'!a.png|thumbnail!',
	'!a.png|width=300, height=400!',
	'[~admin]',
	'[~accountid:5b10]',
	'[^file.txt]',
	'[click|https://evil.example]',
	'[https://evil.example]',
	'[mailto:a@b.example]',
	'[#anchor]',
	'[click](https://evil.example)',
	'![x](https://evil.example/a.png)',
	'[click][1]',
	'[1]: https://evil.example',
	'<img src=x onerror=alert(1)>',
	'</td>',
	'<script>',
	'<!-- -->',
	'<?php ?>',
];

const lookalikes: Readonly<Record<string, string>> = {
	'‹': '<',
	'＠': '@',
	'｛': '{',
	'！': '!',
	'［': '[',
	'］': ']',
};

/** The words as people read them. */
const asRead = (text: string) => text.replace(/[‹＠｛！［］]/g, (sign) => lookalikes[sign] ?? sign);

const someText = fc
	.array(
		fc.oneof(
			fc.constantFrom(...commands),
			fc.constantFrom(' ', '\n', 'word', '<', '@', '{', '!', '[', ']', '(', '|', 'é', '`'),
			fc.string({ maxLength: 5 }),
		),
	)
	.map((parts) => parts.join(''));

describe('plain text', () => {
	it.each(commands)('commands nothing and reads the same: %s', (command) => {
		const text = `Say ${command} to all`;
		for (const [name, reader] of Object.entries(readers)) expect(reader.test(plainText(text)), name).toBe(false);
		expect(asRead(plainText(text))).toBe(text);
	});

	it('commands nothing and reads the same, whatever stands next to each other', () => {
		fc.assert(
			fc.property(someText, (text) => {
				const plain = plainText(text);
				for (const [name, reader] of Object.entries(readers)) expect(reader.exec(plain)?.[0], name).toBeUndefined();
				expect(asRead(plain)).toBe(asRead(visibleText(text)));
			}),
			{ numRuns: 2000 },
		);
	});

	it.each([
		'Write to ada@example.com, or see https://example.com/a?b=1&c=2!',
		'if (a < b && c > 3) { return [1, 2]; } // 100 % sure!',
		'{"name": "Ada", "tags": ["a", "b"], "nested": {"x": null}}',
		'Grüße aus Zürich – 你好 – مرحبا – 👩‍👩‍👧 می‌خواهم',
		'1. first\n2. second\n\n\tindented',
	])('that commands nothing stays as it is: %j', (text) => {
		expect(plainText(text)).toBe(text);
	});
});

describe('what nobody sees', () => {
	it('is left out: control characters, turns of direction, invisible letters', () => {
		expect(visibleText('a\u0000b\u001b[31mc\u202edcba\u2066e\u2069f\u{e0041}\u{e007f}g')).toBe('ab[31mcdcbaefg');
	});

	it('keeps lines apart, in the one way that all programs know', () => {
		expect(visibleText('a\r\nb\rc\u0085d\u2028e\u2029f\tg')).toBe('a\nb\nc\nd\ne\nf\tg');
	});

	it('begins no header of an email in a line', () => {
		expect(plainLine('Refund\r\nBcc: everyone@example.com\u2028\u0085x\u000bBody')).toBe(
			'Refund Bcc: everyone@example.com xBody',
		);
		expect(visibleLine('  a \n\n b  ')).toBe('a b');
	});
});

describe('a quotation', () => {
	it('has no line that could be taken for one of ours', () => {
		const text = 'Hello\n\nReview: https://evil.example\r\nDue: never\u2028Tried:\n> really';
		expect(quotedText(text)).toBe('> Hello\n> \n> Review: https://evil.example\n> Due: never\n> Tried:\n> > really');
	});
});

describe('Markdown', () => {
	it('holds a line in which nothing is markup, a mention or a tag', () => {
		expect(markdownLine('*a* _b_ `c` [d](e) <f> @channel ~g~ |h|\n# i')).toBe(
			'\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) &#60;f&#62; ＠channel \\~g\\~ \\|h\\| # i',
		);
	});

	it('holds a block as it is, out of which nothing gets, and in which Slack finds nothing', () => {
		expect(markdownBlock('a\n```\n[b](c) <div> ````')).toBe('`````\na\n```\n[b](c) <div> ````\n`````');
		expect(markdownBlock('<!channel> @here <https://evil.example|click>')).toBe(
			'```\n‹!channel> ＠here ‹https://evil.example|click>\n```',
		);
	});

	it('takes a block of a million backticks', () => {
		expect(markdownBlock('` '.repeat(500_000)).startsWith('```\n` ')).toBe(true);
	});
});
