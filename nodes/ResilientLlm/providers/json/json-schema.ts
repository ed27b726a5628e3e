import { asArray, asRecord, asString } from './json-reader';

type Schema = Readonly<Record<string, unknown>>;

const keysOfSchemaMaps = ['properties', 'patternProperties', '$defs', 'definitions'];
const keysOfSchemaLists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const keysOfSchemas = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'];
const notInStrictMode = [
	'oneOf',
	'allOf',
	'not',
	'if',
	'then',
	'else',
	'patternProperties',
	'dependentRequired',
	'dependentSchemas',
];

/**
 * Whether OpenAI's strict mode accepts the schema: the root is an object, and every object sets `additionalProperties:
 * false` and requires all its properties. https://platform.openai.com/docs/guides/structured-outputs
 */
export function fitsStrictMode(schema: Schema): boolean {
	if (schema['type'] !== 'object' || schema['anyOf'] !== undefined) return false;
	return schemasIn(schema).every((part) => {
		if (notInStrictMode.some((key) => part[key] !== undefined)) return false;
		if (!describesObject(part)) return true;
		const required = new Set(asArray(part['required']));
		const names = Object.keys(asRecord(part['properties']) ?? {});
		return part['additionalProperties'] === false && names.every((name) => required.has(name));
	});
}

/** Whether some object in the schema allows properties that it does not name. Closing the schema would forbid them. */
export function hasFreeProperties(schema: Schema): boolean {
	return schemasIn(schema).some(
		(part) =>
			describesObject(part) &&
			(part['patternProperties'] !== undefined ||
				part['additionalProperties'] === true ||
				asRecord(part['additionalProperties']) !== undefined ||
				(part['properties'] === undefined && part['additionalProperties'] !== false)),
	);
}

function describesObject(schema: Schema): boolean {
	const type = schema['type'];
	return (
		asString(type) === 'object' || asArray(type)?.includes('object') === true || schema['properties'] !== undefined
	);
}

/** The schema and all schemas nested in it. */
function schemasIn(schema: Schema): readonly Schema[] {
	const found = [schema];
	// The loop appends to the list it iterates over, so nested schemas are visited too.
	for (const part of found) {
		const parts = [
			...keysOfSchemaMaps.flatMap((key) => Object.values(asRecord(part[key]) ?? {})),
			...keysOfSchemaLists.flatMap((key) => asArray(part[key]) ?? []),
			...keysOfSchemas.map((key) => part[key]),
		];
		for (const inner of parts) {
			const record = asRecord(inner);
			if (record !== undefined) found.push(record);
		}
	}
	return found;
}
