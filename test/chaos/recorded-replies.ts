import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Vendor } from '../providers/vendors';

/** A reply that a vendor was seen to give; the table of them is `test/providers/shapes`. */
export interface RecordedReply {
	readonly name: string;
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** JSON, or the raw text. */
	readonly body: unknown;
	/** What an adapter must read out of it. */
	readonly expect: { readonly reason: string; readonly parameter?: string };
}

/** Every recorded reply of this vendor, those that any server may give included. */
export function recordedReplies(vendor: Vendor): readonly RecordedReply[] {
	return [...read(vendor.name), ...read('any')];
}

export function bodyTextOf({ body }: RecordedReply): string {
	return typeof body === 'string' ? body : JSON.stringify(body);
}

const known = new Map<string, readonly RecordedReply[]>();

function read(name: string): readonly RecordedReply[] {
	const replies = known.get(name) ?? readFile(name);
	known.set(name, replies);
	return replies;
}

function readFile(name: string): readonly RecordedReply[] {
	const file = join(import.meta.dirname, '../providers/shapes', `${name}.json`);
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RecordedReply[]) : [];
}
