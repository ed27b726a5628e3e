import type { Random } from '../../nodes/ResilientLlm/engine/clock';
import { between, pick } from './seeded-random';

/** Values that have no business where a server puts them. */
const junk: readonly unknown[] = [
	null,
	true,
	false,
	0,
	-1,
	1.5,
	1e300,
	-1e300,
	2 ** 53,
	'',
	' ',
	'NaN',
	'1e999',
	'\ud800',
	'\u0000',
	'x'.repeat(5000),
	'a\nb\r\nc\u2028d',
	[],
	[null],
	[[]],
	{},
	{ message: null },
	{ error: { error: { error: 'deep' } } },
	'stop',
	'error',
	'__proto__',
	'<html>',
	429,
	'429',
	'rate_limit_exceeded',
];
const names = [
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'hasOwnProperty',
	'length',
	'error',
	'message',
	'choices',
	'content',
	'usage',
	'candidates',
	'',
];
const numbers = ['1e999', '-1e999', '1e-999', '-0', '9007199254740993', '123456789012345678901234567890', '0.1', '-1'];
const noNumbers = ['NaN', 'Infinity', '-Infinity', '0x10', '01', '.5', '1.', 'undefined', "'x'"];
const badBytes = [
	[0xff],
	[0xc0, 0x80],
	[0xed, 0xa0, 0x80],
	[0xf4, 0x90, 0x80, 0x80],
	[0xe2, 0x82],
	[0x00],
	[0xef, 0xbb, 0xbf],
	[0xfe, 0xff],
];

/** One body with some damage done to it, as JSON, as text, or as bytes. */
export function mutatedBody(random: Random, body: unknown, other: unknown): Buffer {
	let value = body;
	if (random() < 0.6) {
		for (let count = between(random, 1, 3); count > 0; count -= 1) value = changedAt(random, value, other);
	}
	let text = typeof value === 'string' ? value : JSON.stringify(value);
	if (random() < 0.35) text = pick(random, textMutations)(random, text);
	let bytes = Buffer.from(text);
	if (random() < 0.3) bytes = pick(random, byteMutations)(random, bytes);
	return bytes;
}

/** A copy in which one value, somewhere, is another. */
function changedAt(random: Random, value: unknown, other: unknown): unknown {
	if (typeof value !== 'object' || value === null || random() < 0.15) return swapped(random, value, other);
	if (Array.isArray(value)) {
		if (value.length === 0) return swapped(random, value, other);
		const at = between(random, 0, value.length - 1);
		if (random() < 0.1) return value.filter((_, index) => index !== at);
		if (random() < 0.1) return [...(value as unknown[]), ...(value as unknown[])];
		return value.map((entry: unknown, index) => (index === at ? changedAt(random, entry, other) : entry));
	}
	const entries = Object.entries(value);
	if (entries.length === 0) return swapped(random, value, other);
	const at = between(random, 0, entries.length - 1);
	if (random() < 0.1) return Object.fromEntries(entries.filter((_, index) => index !== at));
	return Object.fromEntries(
		entries.map(([name, entry], index) =>
			index !== at
				? [name, entry]
				: random() < 0.1
					? [pick(random, names), entry]
					: [name, changedAt(random, entry, other)],
		),
	);
}

/** Another value in the place of this one, often one of another type. */
function swapped(random: Random, value: unknown, other: unknown): unknown {
	const ways: ReadonlyArray<() => unknown> = [
		() => pick(random, junk),
		() => [value],
		() => ({ [pick(random, names)]: value }),
		() => (typeof value === 'string' ? value.repeat(between(random, 2, 50)) : JSON.stringify(value)),
		() => (typeof value === 'string' ? value.length : 7),
		() => other,
	];
	return pick(random, ways)();
}

type Change<T> = (random: Random, value: T) => T;

const textMutations: ReadonlyArray<Change<string>> = [
	// A key twice, or one that JavaScript holds dear.
	(random, text) => text.replace('{', `{"${pick(random, names)}":${JSON.stringify(pick(random, junk))},`),
	(random, text) => text.replace(/\}(?=[^}]*$)/, `,"${pick(random, names)}":{"polluted":true}}`),
	(random, text) => replacedNumber(random, text, pick(random, numbers)),
	(random, text) => replacedNumber(random, text, pick(random, noNumbers)),
	nested,
	(_random, text) => `data: ${text}\n\ndata: [DONE]\n\n`,
	(_random, text) => `${text}\n${text}`,
	(random, text) => text.replaceAll('"', pick(random, ["'", '\\"', '""', ''])),
	(random, text) =>
		text.replace(/[a-z]/g, (letter) => (random() < 0.05 ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter)),
	(random, text) =>
		text.replace(/[a-z]/g, (letter) =>
			random() < 0.02 ? pick(random, ['\\ud83d', '\\u0000', '\\x', '\n', '\u2028', 'ü', '😀']) : letter,
		),
	(random) =>
		pick(random, [
			'',
			' ',
			'\n',
			'null',
			'true',
			'0',
			'"',
			'{',
			'[',
			'}',
			'\ufeff',
			'{}',
			'[]',
			'[{}]',
			'OK',
			'<html>',
			'{"error":',
			'error code: 1020',
		]),
];

const byteMutations: ReadonlyArray<Change<Buffer<ArrayBuffer>>> = [
	(random, bytes) => bytes.subarray(0, between(random, 0, bytes.length)),
	(random, bytes) => bytes.subarray(between(random, 0, bytes.length)),
	(random, bytes) => flipped(random, bytes, between(random, 1, 4)),
	(random, bytes) => flipped(random, bytes, between(random, 5, 200)),
	(random, bytes) => inserted(random, bytes, Buffer.from(pick(random, badBytes))),
	(random) => Buffer.from(Array.from({ length: between(random, 0, 300) }, () => between(random, 0, 255))),
];

function replacedNumber(random: Random, text: string, by: string): string {
	const found = [...text.matchAll(/(?<=[:[,]\s?)-?\d+(?:\.\d+)?/g)];
	if (found.length === 0) return by;
	const { index, 0: number } = pick(random, found);
	return text.slice(0, index) + by + text.slice(index + number.length);
}

const wrappers = [
	['{"error":[', ']}'],
	['{"error":', '}'],
	['{"message":', '}'],
	['{"detail":[', ']}'],
	['[', ']'],
] as const;

function nested(random: Random, text: string): string {
	const depth = random() < 0.1 ? between(random, 1000, 50_000) : between(random, 1, 1000);
	const [open, close] = pick(random, wrappers);
	return open.repeat(depth) + text + close.repeat(depth);
}

function flipped(random: Random, bytes: Buffer<ArrayBuffer>, count: number): Buffer<ArrayBuffer> {
	const copy = Buffer.from(bytes);
	for (let left = count; left > 0 && copy.length > 0; left -= 1) {
		const at = between(random, 0, copy.length - 1);
		copy[at] = copy[at]! ^ (1 << between(random, 0, 7));
	}
	return copy;
}

function inserted(random: Random, bytes: Buffer<ArrayBuffer>, piece: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
	const at = between(random, 0, bytes.length);
	return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}
