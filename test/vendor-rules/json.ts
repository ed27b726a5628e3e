export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object, or an empty one in place of anything else. */
export function objectOf(value: unknown): JsonObject {
	return isObject(value) ? value : {};
}

/** A list, or an empty one in place of anything else. */
export function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/** The objects of a list, each with its place. */
export function objectsOf(value: unknown): ReadonlyArray<readonly [index: number, value: JsonObject]> {
	return listOf(value).map((entry, index) => [index, objectOf(entry)] as const);
}

export function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

/** Half a character somewhere: JavaScript sends it as an escape that other parsers refuse. */
export function hasLoneSurrogate(value: unknown): boolean {
	if (typeof value === 'string') return /\p{Surrogate}/u.test(value);
	if (Array.isArray(value)) return value.some(hasLoneSurrogate);
	return isObject(value) && Object.entries(value).some((entry) => entry.some(hasLoneSurrogate));
}

export function duplicatesIn(names: readonly string[]): readonly string[] {
	return names.filter((name, index) => names.indexOf(name) !== index);
}

/** Every schema within a schema, itself first, with the path from the root to it. */
export function* schemasIn(schema: unknown, path = ''): Generator<readonly [path: string, schema: JsonObject], void> {
	if (!isObject(schema)) return;
	yield [path, schema];
	for (const key of ['properties', '$defs', 'definitions'] as const) {
		for (const [name, inner] of Object.entries(objectOf(schema[key])))
			yield* schemasIn(inner, `${path}.${key}.${name}`);
	}
	for (const key of ['items', 'additionalProperties', 'not', 'if', 'then', 'else'] as const) {
		yield* schemasIn(schema[key], `${path}.${key}`);
	}
	for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const) {
		for (const [index, inner] of listOf(schema[key]).entries()) yield* schemasIn(inner, `${path}.${key}[${index}]`);
	}
}
