import { deepestJson } from '../engine/json-depth';
import type { Json } from '../engine/store/task-record';

export interface StorableJson {
	readonly json: Json;
	/** Which parts could not be stored, as paths such as `a.b[2]`, and why. */
	readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
	readonly where: string;
	readonly why: string;
}

/** Whatever exceeds this many characters in total is left out: every store accepts a record of this size. */
const maxCharacters = 20_000_000;

/** Counted for each value in addition to its text, because even a short value takes memory. */
const charactersOfAValue = 8;

/** How many left-out parts are listed at most. */
const maxLeftOut = 20;

/**
 * The JSON form of any value, as `JSON.stringify` would give it. Where `JSON.stringify` would throw for the whole
 * value, only the part that cannot be represented is replaced by a text that says so. Never throws.
 */
export function storableJson(value: unknown): StorableJson {
	const leftOut: LeftOut[] = [];
	const open = new Set<object>();
	let characters = 0;
	return { json: kept(() => value, '', '') ?? null, leftOut };

	/**
	 * Undefined for what JSON leaves out, such as a function. Reading a part may throw as well, because it may run a
	 * getter.
	 */
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
		// Number, String and Boolean objects become their primitive values, as in `JSON.stringify`.
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

/** As JSON writes a number: NaN and infinity become null, and -0 becomes 0. */
function numberOf(number: number): number | null {
	return Number.isFinite(number) ? number + 0 : null;
}

/** The result of the value's `toJSON` method, if it has one (as a Date has); else the value. */
function asItWantsToBeWritten(value: unknown, key: string): unknown {
	const hasForm =
		typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
	return hasForm ? (value as { toJSON(key: string): unknown }).toJSON(key) : value;
}
