import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import type { Random } from '../../nodes/ResilientLlm/engine/clock';
import type { Behaviour } from '../providers/fault-server';
import { vendors, type Vendor } from '../providers/vendors';
import { mutatedBody } from './mutations';
import { recordedReplies } from './recorded-replies';
import { between, pick, seededRandom } from './seeded-random';

export interface FuzzCase {
	readonly behaviour: Behaviour;
	/** Whether a client can tell where the reply ends, so that it has no cause to wait for more. */
	readonly isWellFramed: boolean;
}

export interface FuzzParameters {
	readonly seed: number;
}

/** The same for the same number, in whichever process it is made. */
export function fuzzCase(index: number, { seed }: FuzzParameters): FuzzCase {
	const random = seededRandom(seed + index);
	const vendor = vendorOfCase(index);
	const { status, body } = isListing(index) ? listing(random, vendor) : origin(random, vendor);
	const bytes = mutatedBody(random, body, origin(random, vendor).body);
	return dressed(random, random() < 0.7 ? status : oddStatus(random), bytes);
}

export function vendorOfCase(index: number): Vendor {
	return vendors[index % vendors.length]!;
}

/** Some cases ask for the list of models. */
export function isListing(index: number): boolean {
	return index % 19 === 0;
}

export function pathOfCase(index: number): string {
	return `/case-${index}`;
}

/** For the process that serves the cases. */
export function behaviours(parameters: FuzzParameters): (path: string) => Behaviour | undefined {
	return (path) => {
		const index = Number(/^\/case-(\d+)\//.exec(path)?.[1]);
		return Number.isNaN(index) ? undefined : fuzzCase(index, parameters).behaviour;
	};
}

/** A reply as vendors give them: an answer, or one that is in the table of recorded ones. */
function origin(random: Random, vendor: Vendor): { readonly status: number; readonly body: unknown } {
	if (random() < 0.5) return pick(random, recordedReplies(vendor));
	const finish = pick(random, ['stop', 'stop', 'length', 'content_filter'] as const);
	const text = pick(random, [
		'{"ok": true}',
		'{"ok": 1}',
		'fine',
		'',
		'```json\n{"ok": true}\n```',
		'<think>hm</think>{"ok": true}',
		'[[[[',
		'{"__proto__": {"polluted": true}}',
	]);
	return { status: 200, body: vendor.answer({ text, finish, ...(random() < 0.3 && { thoughts: 'hm' }) }) };
}

function listing(random: Random, vendor: Vendor): { readonly status: number; readonly body: unknown } {
	if (random() < 0.3) return pick(random, recordedReplies(vendor));
	return {
		status: 200,
		body: {
			...vendor.models(['model-a', 'model-b', 'model-c']),
			...(random() < 0.3 && { has_more: true, nextPageToken: 'next' }),
		},
	};
}

function oddStatus(random: Random): number {
	const roll = random();
	if (roll < 0.5) return 200;
	return roll < 0.52 ? between(random, 100, 199) : between(random, 200, 999);
}

const encodings: ReadonlyArray<readonly [name: string, encode: (body: Buffer) => Buffer]> = [
	['gzip', (body) => gzipSync(body)],
	['deflate', (body) => deflateSync(body)],
	['br', (body) => brotliCompressSync(body)],
	['zstd', (body) => zstdCompressSync(body)],
	['gzip, deflate', (body) => deflateSync(gzipSync(body))],
	['identity', (body) => body],
	['GZip', (body) => gzipSync(body).subarray(0, -4)],
	['gzip', (body) => body],
	['deflate', (body) => gzipSync(body)],
	['br', (body) => body],
	['zstd', (body) => body],
	['snappy', (body) => body],
	[',,gzip,', (body) => body],
	['gzip, gzip, gzip, gzip, gzip, gzip', (body) => body],
];

const oddHeaders: ReadonlyArray<(random: Random) => Record<string, string>> = [
	(random) => ({
		'retry-after': pick(random, [
			'0',
			'1',
			'-1',
			'1e3',
			'NaN',
			'99999999999999999999',
			'1.5.5',
			'soon',
			'Fri, 31 Dec 9999 23:59:59 GMT',
			'Thu, 01 Jan 1970',
			'1, 2',
			'',
		]),
	}),
	(random) => ({ 'retry-after-ms': pick(random, ['0', '5', '-5', '1e400', '١٢', 'x']) }),
	(random) => ({ 'x-should-retry': pick(random, ['true', 'false', 'TRUE', '1', '']) }),
	(random) => ({ 'request-id': pick(random, ['req_1', '', 'a b', '<b>', 'x'.repeat(5000), 'é', '../..']) }),
	(random) => ({
		'content-type': pick(random, [
			'text/html',
			'application/json; charset=utf-16',
			'multipart/form-data',
			'',
			'x',
			'text/event-stream',
		]),
	}),
	(random) => ({
		location: pick(random, [
			'http://elsewhere.example/',
			'//',
			'http://[',
			'javascript:x',
			'',
			'\\\\host',
			'http://user:pass@h/',
		]),
	}),
	() => Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`x-filler-${index}`, 'x'.repeat(100)])),
	() => Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x-${index}`, ''])),
	() => ({ 'x-huge': 'x'.repeat(64_000) }),
	() => ({ __proto__x: 'y', 'set-cookie': 'a=b', connection: 'close', 'transfer-coding': 'x' }),
	(random) => ({ date: pick(random, ['never', '0', 'Fri, 20 Nov 2026 10:00:00 GMT']) }),
	() => ({ 'x-latin': 'caf\u00e9 \u00ff', 'x-empty': '' }),
	() => ({ trailer: 'x', upgrade: 'h2c', 'keep-alive': 'timeout=0, max=0' }),
];

/** The body under a status line and headers, some of them odd. */
function dressed(random: Random, status: number, plain: Buffer): FuzzCase {
	const [encoding, encode] = random() < 0.12 ? pick(random, encodings) : [undefined, (body: Buffer) => body];
	const body = encode(plain);
	const headers = {
		...(encoding !== undefined && { 'content-encoding': encoding }),
		...(random() < 0.3 && pick(random, oddHeaders)(random)),
	};
	const roll = random();
	// Replies below 200 announce another one.
	const isWellFramed = status >= 200;
	if (roll < 0.9) return { behaviour: { kind: 'reply', status, headers, body }, isWellFramed };
	if (roll < 0.91)
		return {
			behaviour: {
				kind: 'reply',
				status,
				headers: { ...headers, 'content-length': String(body.length + between(random, 1, 100)) },
				body,
			},
			isWellFramed: false,
		};
	if (roll < 0.93)
		return {
			behaviour: {
				kind: 'reply',
				status,
				headers: { ...headers, 'content-length': String(between(random, 0, body.length)) },
				body,
			},
			isWellFramed,
		};
	return { behaviour: { kind: 'bytes', bytes: pick(random, framings)(random, status, body) }, isWellFramed };
}

/** Replies that no HTTP library would write; the connection ends after each. */
const framings: ReadonlyArray<(random: Random, status: number, body: Buffer) => Buffer> = [
	(_random, status, body) => joined(`HTTP/1.1 ${status} OK\r\n\r\n`, body),
	(_random, status, body) => joined(`HTTP/1.0 ${status} OK\r\nconnection: keep-alive\r\n\r\n`, body),
	(_random, status, body) =>
		joined(
			`HTTP/1.1 ${status} OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`,
			body,
			'\r\n0\r\n\r\n',
		),
	(_random, status, body) => joined(`HTTP/1.1 ${status} OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`, body),
	(_random, status, body) =>
		joined(`HTTP/1.1 ${status} OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n`, body),
	(_random, status, body) => joined(`HTTP/1.1 ${status} OK\r\ncontent-length: 3\r\ncontent-length: 7\r\n\r\n`, body),
	(random, status, body) =>
		joined(
			`HTTP/1.1 ${status} OK\r\ncontent-length: ${pick(random, ['-1', '1e3', 'x', '99999999999999999999', '0x10', ''])}\r\n\r\n`,
			body,
		),
	(random, status, body) =>
		joined(`${pick(random, ['HTTP/9.9', 'HTTP/1.1', 'http/1.1', 'ICY', 'HTTP/2'])} ${status}\r\n\r\n`, body),
	(random, _status, body) =>
		joined(`HTTP/1.1 ${pick(random, ['', 'abc', '20', '2000', '-200', '1000'])} OK\r\n\r\n`, body),
	(_random, status, body) => joined(`HTTP/1.1 ${status} OK\nno-colon\n: no-name\nx\u0000y: z\n\n`, body),
	(_random, status, body) => joined(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 ${status} OK\r\n\r\n`, body),
	(random, status, body) =>
		joined(
			`HTTP/1.1 ${status} OK\r\nx-folded: a\r\n b\r\n${'set-cookie: x\r\n'.repeat(between(random, 1, 300))}\r\n`,
			body,
		),
	(_random, _status, body) => body,
];

function joined(...parts: ReadonlyArray<string | Buffer>): Buffer {
	return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
}
