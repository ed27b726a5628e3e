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
 * Whether OpenAI's strict mode takes this schema: an object at the root, and every object closed with all its
 * properties required. https://platform.openai.com/docs/guides/structured-outputs
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

/**
 * Whether some object in it may have properties that the schema does not name, and would lose them if it were closed.
 */
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

/** The schema and all that lie in it. */
function schemasIn(schema: Schema): readonly Schema[] {
	const found = [schema];
	// The list grows while it is walked through.
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
