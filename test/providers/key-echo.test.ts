import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { beginningWithoutSecrets, replyRedactor } from '../../nodes/ResilientLlm/providers/redaction/key-echo';
import { filled } from '../chaos/hostile-texts';
import { piecesOf, secretForms } from '../chaos/secret-forms';

const redact = (apiKey: string, text: string) => replyRedactor({ apiKey })(text);

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/='];
const someKey = fc.array(fc.constantFrom(...letters), { minLength: 16, maxLength: 120 }).map((parts) => parts.join(''));
const someForm = fc.constantFrom(...Object.entries(secretForms));
const prose = fc
	.array(
		fc.constantFrom(
			'the',
			'key',
			'sk-',
			'is',
			'not',
			'valid',
			'A1',
			'0x3f',
			'%20',
			'&amp;',
			'C:\\new',
			'=',
			'\n',
			'…',
			'Übung',
			'密钥',
			'"quoted"',
		),
	)
	.map((words) => words.join(' '));

describe('a key in a reply', () => {
	it('is read by nobody, in whatever form it comes and wherever it stands', () => {
		fc.assert(
			fc.property(someKey, someForm, prose, prose, (key, [, form], before, after) => {
				const clean = redact(key, `${before} ${form(key)} ${after}`);
				expect(piecesOf(key, clean)).toEqual([]);
				expect(clean).toContain('[redacted]');
			}),
			{ numRuns: 400 },
		);
	});

	it('takes nothing along: what stands before and behind it stays, and JSON stays JSON', () => {
		fc.assert(
			fc.property(someKey, someForm, prose, prose, (key, [name, form], before, after) => {
				const json = `{"before":${JSON.stringify(before)},"error":"it is ${form(key)}.","after":${JSON.stringify(after)}}`;
				const clean = JSON.parse(redact(key, json)) as Record<string, string>;
				expect([clean.before, clean.after]).toEqual([before, after]);
				if (name !== 'behind a long text') expect(clean.error).toMatch(/^it is .*\[redacted\].{0,20}\.$/s);
			}),
			{ numRuns: 400 },
		);
	});

	it('is found twice, and in two forms', () => {
		const key = 'sk-proj-T3BlbkFJq7Yw2XcV9nMz4Kd8Lp1Rs6Ht5Gf0Jb';
		expect(redact(key, `one ${key} two ${Buffer.from(key).toString('hex')} three ${key}`)).toBe(
			'one [redacted] two [redacted] three [redacted]',
		);
	});
});

describe('secrets of one account that lie within each other', () => {
	it('are taken out whole', () => {
		const apiKey = 'abcdefghijklmnopqrstuvwxyz';
		const account = { apiKey, login: { user: 'nobody', password: apiKey.slice(3, 20) } };
		const text = `<\\u005cu0061bc\\u0064${apiKey.slice(4)}>`;
		expect(replyRedactor(account)(text)).toBe('<[redacted]>');
	});
});

describe('a key', () => {
	it('of twelve characters is one, and so is one with more blanks than letters', () => {
		expect(redact('Zq8vT1mKx2Lb', 'is Zq8vT1mKx2Lb')).toBe('is [redacted]');
		expect(redact('o p e n   u p !', 'is o p e n   u p !')).toBe('is [redacted]');
	});

	it('of eleven is left in answers', () => {
		expect(redact('Zq8vT1mKx2L', 'is Zq8vT1mKx2L')).toBe('is Zq8vT1mKx2L');
	});
});

describe('a text that does not hold the key', () => {
	const bytes = fc.uint8Array({ minLength: 50, maxLength: 400 });
	const likeKeys = fc.oneof(
		prose,
		fc.string({ unit: 'binary', maxLength: 500 }),
		fc.json(),
		someKey.map((key) => `{"api_key":"${key}"}`),
		bytes.map((some) => Buffer.from(some).toString('base64')),
		bytes.map((some) => Buffer.from(some).toString('hex')),
		bytes.map((some) => `[${some.join(',')}]`),
		bytes.map((some) => [...some].map((byte) => `&#${byte};`).join('')),
	);

	it('is left as it is', () => {
		fc.assert(
			fc.property(someKey, likeKeys, (key, text) => {
				expect(redact(key, text)).toBe(text);
			}),
			{ numRuns: 1000 },
		);
	});

	it('is left as it is though it holds the half of it, or all of it but a letter in its middle', () => {
		fc.assert(
			fc.property(someKey, (key) => {
				const middle = Math.floor(key.length / 2);
				for (const text of [key.slice(0, middle), key.slice(middle), `${key.slice(0, middle)}!${key.slice(middle)}`])
					expect(redact(key, text)).toBe(text);
			}),
		);
	});
});

describe('a short secret', () => {
	it('is left in answers, for it may be a word, and taken out of messages', () => {
		expect(redact('ollama', 'The llama says ollama')).toBe('The llama says ollama');
		expect(beginningWithoutSecrets('not ollama, nor OLLAMA, nor %6fllama', 100, { apiKey: 'ollama' })).toBe(
			'not [redacted], nor [redacted], nor [redacted]',
		);
	});

	it('is no word that is split over two', () => {
		expect(beginningWithoutSecrets('no large task: all is well', 100, { apiKey: 'largetask' })).toBe(
			'no large task: all is well',
		);
	});

	it('of fewer than four letters is no secret', () => {
		expect(beginningWithoutSecrets('as is', 100, { apiKey: 'as' })).toBe('as is');
	});
});

describe('a key that the cut of a message goes through', () => {
	it('is taken out before', () => {
		const key = 'sk-proj-T3BlbkFJq7Yw2XcV9nMz4Kd8Lp1Rs6Ht5Gf0Jb';
		for (let before = 60; before < 100; before += 1)
			expect(beginningWithoutSecrets('x'.repeat(before) + key, 100, { apiKey: key })).not.toContain('sk-pro');
	});
});

describe('a thousand ordinary replies', () => {
	it('take less than 200 ms to be searched', () => {
		const reply = JSON.stringify({
			content: [{ type: 'text', text: 'Hello "Ada",\n\nyour order is on its way. '.repeat(20) }],
		});
		const redactor = replyRedactor({ apiKey: 'sk-proj-T3BlbkFJq7Yw2XcV9nMz4Kd8Lp1Rs6Ht5Gf0Jb' });
		const before = process.threadCpuUsage();
		for (let count = 0; count < 1000; count += 1) expect(redactor(reply)).toBe(reply);
		const { user, system } = process.threadCpuUsage(before);
		expect((user + system) / 1000).toBeLessThan(200);
	});
});

describe('1 MB of a reply', () => {
	const keys = [
		'sk-ant-api03-Zq8vT1mKx2LbW7nRj4Hc9PdYfUe3GaSo6IiNtXzQwVpBmCkDlEhFgJrAsTuOyMx5N0q-8vR2dAAA',
		'aaaaaaaaaaaaaaaaaaaaaaaa',
		'nnnnnnnnnnnnnnnn',
	];
	const pieces = [
		'Lorem ipsum, "quoted\\" and\\n escaped. ',
		'\\n',
		'\\',
		'%25',
		'%5cn',
		'%2525',
		'&amp;',
		'&#92;n',
		'&',
		'<wbr>',
		'=\r\n',
		's ',
		'a ',
		'a',
		'n',
		'n\\n',
		'61',
		'0x61 ',
		'97,',
		'YWFh',
		' ',
	];
	const forms = Object.values(secretForms).map((form) => form(keys[0]!));
	const hostile = [
		...forms.map((form) => [keys[0]!, form] as const),
		...keys.flatMap((key) =>
			[...pieces, key.slice(0, -1), key, [...key].join('\\n'), [...key].join('\u200b')].map(
				(piece) => [key, piece] as const,
			),
		),
	];

	it.each(hostile)('takes less than 200 ms to be searched for %.12s: %.60j', (key, piece) => {
		const text = filled(piece);
		const before = process.threadCpuUsage();
		redact(key, text);
		const { user, system } = process.threadCpuUsage(before);
		expect((user + system) / 1000).toBeLessThan(200);
	});
});
