import { asArray, asRecord, asString } from './json-reader';

type Schema = Readonly<Record<string, unknown>>;

const keysOfSchemaMaps = ['properties', 'patternProperties', '$defs', 'definitions'];
const keysOfSchemaLists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const keysOfSchemas = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'];
const notInStrictMode = ['oneOf', 'allOf', 'not', 'if', 'then', 'else', 'patternProperties', 'dependentRequired', 'dependentSchemas'];

/**
 * Whether OpenAI's strict mode takes this schema: an object at the root, and every object closed with all its properties
 * required. https://platform.openai.com/docs/guides/structured-outputs
 */
export function fitsStrictMode(schema: Schema): boolean {
	if (schema['type'] !== 'object' || schema['anyOf'] !== undefined) return false;
	return [...schemasIn(schema)].every((part) => {
		if (notInStrictMode.some((key) => part[key] !== undefined)) return false;
		if (!describesObject(part)) return true;
		const required = asArray(part['required']) ?? [];
		const names = Object.keys(asRecord(part['properties']) ?? {});
		return part['additionalProperties'] === false && names.every((name) => required.includes(name));
	});
}

/** Whether some object in it may have properties that the schema does not name, and would lose them if it were closed. */
export function hasFreeProperties(schema: Schema): boolean {
	return [...schemasIn(schema)].some(
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
	return asString(type) === 'object' || asArray(type)?.includes('object') === true || schema['properties'] !== undefined;
}

function* schemasIn(schema: Schema): Generator<Schema> {
	yield schema;
	const parts = [
		...keysOfSchemaMaps.flatMap((key) => Object.values(asRecord(schema[key]) ?? {})),
		...keysOfSchemaLists.flatMap((key) => asArray(schema[key]) ?? []),
		...keysOfSchemas.map((key) => schema[key]),
	];
	for (const part of parts) {
		const inner = asRecord(part);
		if (inner !== undefined) yield* schemasIn(inner);
	}
}
