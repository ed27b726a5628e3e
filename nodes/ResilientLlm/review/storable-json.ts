import { deepestJson } from '../engine/json-depth';
import type { Json } from '../engine/store/task-record';

export interface StorableJson {
	readonly json: Json;
	/** What stands in the place of each part that could not be kept, and where it stood: `a.b[2]`. */
	readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
	readonly where: string;
	readonly why: string;
}

/** Text beyond this many characters is left out: every store takes so much in one record. */
const maxCharacters = 20_000_000;

/** A value that JSON writes in few characters still takes its room. */
const charactersOfAValue = 8;

/** So many places are named; a value that is broken everywhere is not worth a longer list. */
const maxLeftOut = 20;

/**
 * What can be stored of a value that came from anywhere: the same that `JSON.stringify` would keep, but where that
 * fails for the whole, only the part that is to blame is left out, and a text says so in its place.
 */
export function storableJson(value: unknown): StorableJson {
	const leftOut: LeftOut[] = [];
	const open = new Set<object>();
	let characters = 0;
	return { json: kept(() => value, '', '') ?? null, leftOut };

	/** Undefined for what JSON leaves out, such as a function. Reading a part, too, may run somebody's code. */
	function kept(read: () => unknown, key: string, where: string): Json | undefined {
		try {
			return plain(asItWantsToBeWritten(read(), key), where);
		} catch (error) {
			return instead(where, `it cannot be read (${error instanceof Error ? error.name : 'no reason given'})`);
		}
	}

	function plain(part: unknown, where: string): Json | undefined {
		characters += charactersOfAValue + (typeof part === 'string' ? part.length : 0);
		if (characters > maxCharacters) return instead(where, 'the whole is too large');
		switch (typeof part) {
			case 'string':
			case 'boolean':
				return part;
			case 'number':
				return numberOf(part);
			case 'bigint':
				return String(part);
			case 'object':
				return part === null ? null : nested(part, where);
			default:
				return undefined;
		}
	}

	function nested(part: object, where: string): Json {
		if (open.has(part)) return instead(where, 'it contains itself');
		if (open.size === deepestJson) return instead(where, `it is nested more than ${deepestJson} levels deep`);
		open.add(part);
		try {
			return Array.isArray(part) ? listOf(part, where) : objectOf(part, where);
		} finally {
			open.delete(part);
		}
	}

	function listOf(list: readonly unknown[], where: string): Json {
		const items: Json[] = [];
		for (let index = 0; index < list.length && characters <= maxCharacters; index++) {
			items.push(kept(() => list[index], String(index), `${where}[${index}]`) ?? null);
		}
		return items;
	}

	function objectOf(part: object, where: string): Json {
		// Numbers and texts as objects are what they hold, as in JSON.
		if (part instanceof Number) return numberOf(part.valueOf());
		if (part instanceof String || part instanceof Boolean) return part.valueOf();
		const fields: [string, Json][] = [];
		for (const name of Object.keys(part)) {
			if (characters > maxCharacters) break;
			characters += name.length;
			const place = where === '' ? name : `${where}.${name}`;
			const field = kept(() => (part as Readonly<Record<string, unknown>>)[name], name, place);
			if (field !== undefined) fields.push([name, field]);
		}
		return Object.fromEntries(fields);
	}

	function instead(where: string, why: string): string {
		if (leftOut.length < maxLeftOut) leftOut.push({ where, why });
		return `[not kept: ${why}]`;
	}
}

/** As JSON writes it: there is neither a NaN nor a negative zero. */
function numberOf(number: number): number | null {
	return Number.isFinite(number) ? number + 0 : null;
}

/** A date, say, gives a text in its place. */
function asItWantsToBeWritten(value: unknown, key: string): unknown {
	const hasForm =
		typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
	return hasForm ? (value as { toJSON(key: string): unknown }).toJSON(key) : value;
}
