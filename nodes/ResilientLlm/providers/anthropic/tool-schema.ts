import { asArray, asRecord, asString } from '../json/json-reader';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords under which schemas lie, and what they must be for Anthropic to take them for JSON Schema 2020-12. */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const schemas = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']);
const lists = new Set(['required', 'enum']);
const numbers = new Set(['exclusiveMinimum', 'exclusiveMaximum']);

const alternatives = ['anyOf', 'oneOf', 'allOf'] as const;

export interface FittedSchema {
	readonly schema: Schema & { readonly type: 'object' };
	/** What the schema no longer says, in words for the model. Undefined: it says all. */
	readonly rest: string | undefined;
}

/**
 * The schema of a tool's arguments in the form that Anthropic takes: an object's, without alternatives at its top.
 * Their properties are put together, and which belong to which is said in words.
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

/** Each property once; one that is described in several ways may be any of them. */
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

/** What a reference within the schema stands for. */
function resolved(schema: unknown, whole: Schema): Schema {
	const [, place, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(asString(asRecord(schema)?.['$ref']) ?? '') ?? [];
	const meant = place === undefined || name === undefined ? schema : asRecord(whole[place])?.[name];
	return asRecord(meant) ?? {};
}

/** Without keywords that older drafts spell in another way: one of them, and no tool is taken at all. */
function current(schema: Schema): Schema {
	const entries = Object.entries(schema).flatMap(([key, value]): ReadonlyArray<readonly [string, unknown]> => {
		const record = asRecord(value);
		const array = asArray(value);
		if (schemaMaps.has(key)) return record === undefined ? [] : [[key, currentMap(record)]];
		if (schemaLists.has(key)) return array === undefined ? [] : [[key, array.map(currentOrAsIs)]];
		// Draft 7 lists the items of a tuple here.
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
