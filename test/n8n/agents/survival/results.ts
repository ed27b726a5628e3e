import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Vendor } from '../../simulated-providers/vendor.ts';
import type { Cell } from './cells.ts';
import type { Outcome } from './outcome.ts';

const file = join(import.meta.dirname, 'results.json');

/** What became of one cell under one plug. */
export interface Result extends Cell, Outcome {
	/** The plug's ID. */
	readonly plug: string;
	/** The model that was asked first, the one with the fault. */
	readonly first: string;
	/** The model that was well; empty when there was none. */
	readonly next: string;
	/** From the call of the workflow to the end of its reply, or to the limit. */
	readonly seconds: number;
	/** Calls that reached each vendor. */
	readonly calls: Readonly<Partial<Record<Vendor, number>>>;
	/** Those among them for which the vendor's model wrote something: they are paid. */
	readonly paid: number;
	/** Why vendors that were well turned calls down: they break the vendor's rules. */
	readonly objections?: readonly string[];
	/** What the caller of the workflow got to read, shortened. */
	readonly read: string;
}

export interface Results {
	readonly n8n: string;
	readonly measured: string;
	readonly limitSeconds: number;
	/** What the table calls each plug. */
	readonly plugs: Readonly<Record<string, string>>;
	readonly results: readonly Result[];
}

export function readResults(): Results {
	return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Puts what was measured in the place of what it replaces; the rest stays. */
export function mergeResults(before: Results | undefined, measured: Results): Results {
	const replaced = new Set(measured.results.map(keyOf));
	const kept = (before?.results ?? []).filter((result) => !replaced.has(keyOf(result)));
	const results = [...kept, ...measured.results].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
	return { ...measured, plugs: { ...before?.plugs, ...measured.plugs }, results };
}

/** One result a line, so that a difference between two runs can be read. */
export function writeResults({ results, ...head }: Results): void {
	const lines = results.map((result) => `\t\t${JSON.stringify(result)}`).join(',\n');
	const opening = JSON.stringify(head, null, '\t').replace(/\n\}$/, ',');
	writeFileSync(file, `${opening}\n\t"results": [\n${lines}\n\t]\n}\n`);
}

/** Names a cell of a contender. */
export function keyOf({ first, next, plug, streamed, task, fault, turn }: Key): string {
	return [first, next || '-', plug, streamed ? 'streamed' : 'whole', task, fault, turn].join(' ');
}

type Key = Pick<Result, 'first' | 'next' | 'plug' | keyof Cell>;
