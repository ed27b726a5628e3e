import { asArray, asRecord, asString } from '../json/json-reader';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Keywords whose values contain schemas, grouped by the type that the value must have in JSON Schema 2020-12. Anthropic
 * rejects the request otherwise.
 */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const schemas = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']);
const lists = new Set(['required', 'enum']);
const numbers = new Set(['exclusiveMinimum', 'exclusiveMaximum']);

const alternatives = ['anyOf', 'oneOf', 'allOf'] as const;

export interface FittedSchema {
	readonly schema: Schema & { readonly type: 'object' };
	/** The removed part of the schema, as text for the model. Undefined if nothing was removed. */
	readonly rest: string | undefined;
}

/**
 * Converts the schema of a tool's arguments into the form that Anthropic accepts: an object schema without `anyOf`,
 * `oneOf` or `allOf` at the top level. The properties of all alternatives are merged, and the original constraints are
 * added as text.
 */
export function fittedSchema(original: Schema): FittedSchema {
	const whole = current(original);
	const { anyOf, oneOf, allOf, ...top } = whole;
	const branches = [anyOf, oneOf, allOf].flatMap((list) => asArray(list) ?? []).map((one) => resolved(one, whole));
	if (branches.length === 0) return { schema: { ...top, type: 'object' }, rest: undefined };
	const properties = [top, ...branches].flatMap((part) => Object.entries(asRecord(part['properties']) ?? {}));
	const required = [top, ...(asArray(allOf) ?? []).map((one) => resolved(one, whole))].flatMap(
		(part) => asArray(part['required']) ?? [],
	);
	const said = Object.fromEntries(alternatives.flatMap((key) => (whole[key] === undefined ? [] : [[key, whole[key]]])));
	return {
		schema: {
			...top,
			type: 'object',
			properties: together(properties),
			...(required.length > 0 && { required: [...new Set(required)] }),
		},
		rest: `The arguments must also match this JSON Schema:\n${JSON.stringify(said)}`,
	};
}

/** Merges properties by name. A property that is defined in several different ways becomes an `anyOf` of them. */
function together(properties: ReadonlyArray<readonly [string, unknown]>): Schema {
	const ways = new Map<string, Map<string, unknown>>();
	for (const [name, schema] of properties) {
		const known = ways.get(name) ?? new Map<string, unknown>();
		ways.set(name, known.set(JSON.stringify(schema), schema));
	}
	return Object.fromEntries(
		[...ways].map(([name, known]) => {
			const [first, ...others] = known.values();
			return [name, others.length === 0 ? first : { anyOf: [first, ...others] }];
		}),
	);
}

/**
 * The schema that a local `$ref` points to. A schema without a `$ref` is returned as it is; a broken one gives `{}`.
 */
function resolved(schema: unknown, whole: Schema): Schema {
	const [, place, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(asString(asRecord(schema)?.['$ref']) ?? '') ?? [];
	const meant = place === undefined || name === undefined ? schema : asRecord(whole[place])?.[name];
	return asRecord(meant) ?? {};
}

/**
 * Removes or converts keywords that have an older draft's form: Anthropic rejects all tools if a single one has such a
 * keyword.
 */
function current(schema: Schema): Schema {
	const entries = Object.entries(schema).flatMap(([key, value]): ReadonlyArray<readonly [string, unknown]> => {
		const record = asRecord(value);
		const array = asArray(value);
		if (schemaMaps.has(key)) return record === undefined ? [] : [[key, currentMap(record)]];
		if (schemaLists.has(key)) return array === undefined ? [] : [[key, array.map(currentOrAsIs)]];
		// In draft 7, an array under `items` lists the item schemas of a tuple; 2020-12 calls it `prefixItems`.
		if (key === 'items' && array !== undefined) return [['prefixItems', array.map(currentOrAsIs)]];
		if (schemas.has(key)) return [[key, currentOrAsIs(value)]];
		if (lists.has(key)) return array === undefined ? [] : [[key, value]];
		if (numbers.has(key)) return typeof value === 'number' ? [[key, value]] : [];
		return [[key, value]];
	});
	return Object.fromEntries(entries);
}

function currentMap(schemas: Schema): Schema {
	return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, currentOrAsIs(schema)]));
}

function currentOrAsIs(value: unknown): unknown {
	const record = asRecord(value);
	return record === undefined ? value : current(record);
}
