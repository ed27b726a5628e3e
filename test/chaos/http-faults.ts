import { gzipSync } from 'node:zlib';

import type { Random } from '../../nodes/ResilientLlm/engine/clock';
import type { FailureReason } from '../../nodes/ResilientLlm/engine/failure';
import { htmlPage, redirect, reply, type Behaviour } from '../providers/fault-server';
import type { Vendor } from '../providers/vendors';
import { bodyTextOf, recordedReplies } from './recorded-replies';
import { between, pick } from './seeded-random';

/** What the server does with one call. */
export interface Fault {
	readonly name: FaultName;
	readonly behaviour: Behaviour;
	/** The pause the reply asks for; undefined when it asks for none, or nobody knows. */
	readonly retryAfterMs?: number;
	/** What it may be called, next to a timeout; undefined when it is no failure, or a recorded one. */
	readonly reasons?: readonly FailureReason[];
}

const fit = '{"ok": true}';

/** Everything that may happen to a call, and how often, as a share of all calls. */
const kinds = {
	answer: { share: 14, make: (_random, vendor) => good(vendor, fit) },
	'answer in a code fence': {
		share: 3,
		make: (_random, vendor) => good(vendor, `Here you are:\n\`\`\`json\n${fit}\n\`\`\``),
	},
	'answer that misses the schema': {
		share: 4,
		make: (_random, vendor) => ({ behaviour: answered(vendor, '{"ok": false}'), reasons: ['invalid_output'] }),
	},
	'answer that is no JSON': {
		share: 3,
		make: (_random, vendor) => ({ behaviour: answered(vendor, 'Yes, it is.'), reasons: ['invalid_output'] }),
	},
	'empty answer': {
		share: 3,
		make: (random, vendor) => ({ behaviour: answered(vendor, pick(random, ['', ' \n'])), reasons: ['empty_output'] }),
	},
	'cut answer': {
		share: 3,
		make: (_random, vendor) => ({ behaviour: answered(vendor, '{"ok": tr', 'length'), reasons: ['truncated'] }),
	},
	refusal: {
		share: 3,
		// Ollama has no word for a refusal.
		make: (_random, vendor) => ({
			behaviour: answered(vendor, fit, 'content_filter'),
			reasons: [vendor.name === 'ollama' ? 'bad_response' : 'content_blocked'],
		}),
	},
	'recorded failure': { share: 18, make: recorded },
	'short Retry-After': { share: 10, make: (random, vendor) => pausing(random, vendor, between(random, 30, 240)) },
	'Retry-After past the deadline': {
		share: 2,
		make: (random, vendor) => pausing(random, vendor, 1000 * between(random, 1, 60)),
	},
	'no headers': { share: 4, make: () => ({ behaviour: { kind: 'silence' }, reasons: [] }) },
	'stalled body': {
		share: 3,
		make: (random, vendor) => ({ behaviour: { kind: 'stall', ...partOf(random, vendor) }, reasons: [] }),
	},
	'stalled error body': {
		share: 2,
		make: () => ({ behaviour: { kind: 'stall', status: 500, body: { error: 'broken' }, sentBytes: 6 }, reasons: [] }),
	},
	'drip-feed': {
		share: 3,
		make: (random, vendor) => ({
			behaviour: { kind: 'drip', ...body(vendor), everyMs: between(random, 3, 30) },
			reasons: [],
		}),
	},
	'short body': {
		share: 3,
		make: (random, vendor) => ({ behaviour: { kind: 'short', ...partOf(random, vendor) }, reasons: ['network'] }),
	},
	'reset before the headers': { share: 3, make: () => ({ behaviour: { kind: 'reset' }, reasons: ['network'] }) },
	'reset in the body': {
		share: 3,
		make: (random, vendor) => ({ behaviour: { kind: 'reset', after: partOf(random, vendor) }, reasons: ['network'] }),
	},
	'closed without a word': {
		share: 2,
		make: () => ({ behaviour: { kind: 'bytes', bytes: '' }, reasons: ['network'] }),
	},
	'not HTTP': {
		share: 1,
		make: () => ({
			behaviour: { kind: 'bytes', bytes: 'SSH-2.0-OpenSSH_9.6\r\n' },
			reasons: ['network', 'bad_response'],
		}),
	},
	'truncated JSON': {
		share: 3,
		make: (random, vendor) => ({ behaviour: reply(200, cut(random, vendor)), reasons: ['bad_response'] }),
	},
	'web page with 200': { share: 2, make: () => ({ behaviour: htmlPage(), reasons: ['bad_response'] }) },
	'empty 200': { share: 2, make: () => ({ behaviour: reply(200), reasons: ['bad_response'] }) },
	redirect: {
		share: 3,
		make: (_random, _vendor, thief) => ({ behaviour: redirect(`${thief}/elsewhere`), reasons: ['bad_response'] }),
	},
	'broken gzip': {
		share: 1,
		make: () => ({
			behaviour: reply(200, 'not gzip', { 'content-encoding': 'gzip' }),
			reasons: ['bad_response', 'network'],
		}),
	},
	'gzip bomb': { share: 0.1, make: () => ({ behaviour: heavy().bomb, reasons: ['bad_response'] }) },
	'25 MB body': { share: 0.1, make: () => ({ behaviour: heavy().huge, reasons: ['bad_response'] }) },
} satisfies Record<string, { readonly share: number; readonly make: Make }>;

type Make = (random: Random, vendor: Vendor, thief: string) => Omit<Fault, 'name'>;
export type FaultName = keyof typeof kinds;

export const faultNames = Object.keys(kinds) as readonly FaultName[];

/** `thief` is the origin that redirects lead to. */
export function anyFault(
	random: Random,
	vendor: Vendor,
	thief: string,
	among: (name: FaultName) => boolean = () => true,
): Fault {
	const names = faultNames.filter(among);
	let left = random() * names.reduce((sum, name) => sum + kinds[name].share, 0);
	return faultOf(names.find((name) => (left -= kinds[name].share) < 0) ?? 'answer', random, vendor, thief);
}

/** Whether it costs both sides tens of milliseconds of CPU time. */
export function isHeavy(name: FaultName): boolean {
	return ['gzip bomb', '25 MB body'].includes(name);
}

/** Whether it keeps a call waiting until its time is up. */
export function isSlow(name: FaultName): boolean {
	return ['no headers', 'stalled body', 'stalled error body', 'drip-feed'].includes(name);
}

export function faultOf(name: FaultName, random: Random, vendor: Vendor, thief: string): Fault {
	const make: Make = kinds[name].make;
	return { name, ...make(random, vendor, thief) };
}

const megabyte = 1024 * 1024;
let made: { readonly bomb: Behaviour; readonly huge: Behaviour } | undefined;

/** Over the 20 MB that one reply may have, packed and plain. Made once: it takes longer than any call here may. */
function heavy() {
	made ??= {
		bomb: reply(200, gzipSync(Buffer.alloc(40 * megabyte, ' ')), { 'content-encoding': 'gzip' }),
		huge: reply(200, Buffer.alloc(25 * megabyte, ' ')),
	};
	return made;
}

function answered(vendor: Vendor, text: string, finish: 'stop' | 'length' | 'content_filter' = 'stop'): Behaviour {
	return reply(200, vendor.answer({ text, finish }));
}

function good(vendor: Vendor, text: string): Omit<Fault, 'name'> {
	return { behaviour: answered(vendor, text) };
}

function body(vendor: Vendor) {
	return { status: 200, body: vendor.answer({ text: fit }) };
}

function partOf(random: Random, vendor: Vendor) {
	const whole = body(vendor);
	return { ...whole, sentBytes: between(random, 0, JSON.stringify(whole.body).length - 1) };
}

function cut(random: Random, vendor: Vendor): string {
	const { body: whole, sentBytes } = partOf(random, vendor);
	return JSON.stringify(whole).slice(0, Math.max(1, sentBytes));
}

function recorded(random: Random, vendor: Vendor): Omit<Fault, 'name'> {
	const one = pick(random, recordedReplies(vendor));
	return { behaviour: reply(one.status, bodyTextOf(one), { ...one.headers }) };
}

/** A server that asks for a pause, in one of the ways servers do. */
function pausing(random: Random, vendor: Vendor, retryAfterMs: number): Omit<Fault, 'name'> {
	const status = pick(random, [429, 503]);
	const error = {
		code: status,
		status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE',
		type: 'rate_limit_error',
	};
	const retryDelay = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterMs / 1000}s` };
	const ways: Behaviour[] = [
		reply(status, { error: { ...error, message: 'Slow down' } }, { 'retry-after-ms': String(retryAfterMs) }),
		reply(status, { error: { ...error, message: 'Slow down' } }, { 'retry-after': String(retryAfterMs / 1000) }),
		reply(status, { error: { ...error, message: `Slow down, try again in ${retryAfterMs}ms` } }),
		...(vendor.name === 'gemini'
			? [reply(status, { error: { ...error, message: 'Slow down', details: [retryDelay] } })]
			: []),
	];
	return { behaviour: pick(random, ways), retryAfterMs, reasons: ['rate_limited', 'overloaded'] };
}
