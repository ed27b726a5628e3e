import { duplicatesIn, isObject, schemasIn, textOf, type JsonObject } from '../json';
import { refused, type Findings } from '../violation';

/** Rules on one function, whichever of the two APIs it is written for. */
export function* functionRules(definition: JsonObject, path: string, isStrict: boolean): Findings {
	const name = textOf(definition['name']);
	yield* nameRules(name, `${path}.name`);
	const schema = definition['parameters'];
	if (schema === undefined || schema === null) return;
	const blame = (words: string) => `Invalid schema for function '${name}': ${words}`;
	const wrong = { code: 'invalid_function_parameters' } as const;
	const where = `${path}.parameters`;
	const type = isObject(schema) ? schema['type'] : undefined;
	if (!isObject(schema) || type !== 'object') {
		const got = typeof type === 'string' ? `"${type}"` : '"None"';
		const message = blame(`schema must be a JSON Schema of 'type: "object"', got 'type: ${got}'.`);
		yield refused('parameters-type', where, message, wrong);
		return;
	}
	const top = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'].filter((keyword) => keyword in schema);
	if (top.length > 0) {
		const message =
			"schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.";
		yield refused('parameters-top', where, blame(message), wrong);
	}
	for (const [place, inner] of schemasIn(schema)) {
		const context = `In context=(${place
			.slice(1)
			.split('.')
			.filter(Boolean)
			.map((key) => `'${key}'`)
			.join(', ')}), `;
		if (inner['type'] === 'array' && inner['items'] === undefined && inner['prefixItems'] === undefined) {
			yield refused('parameters-items', where, blame(`${context}array schema missing items.`), wrong);
		}
		if (inner['type'] === 'object' && inner['properties'] === undefined && place === '' && isStrict) {
			yield refused('parameters-properties', where, blame(`${context}object schema missing properties.`), wrong);
		}
		if (isStrict) yield* strictRules(inner, where, (words) => blame(context + words));
	}
}

/** Structured Outputs guide: every field required, no others allowed. */
function* strictRules(schema: JsonObject, path: string, blame: (words: string) => string): Findings {
	if (schema['type'] !== 'object') return;
	const wrong = { code: 'invalid_function_parameters' } as const;
	if (schema['additionalProperties'] !== false) {
		const message = blame("'additionalProperties' is required to be supplied and to be false.");
		yield refused('strict-additional', path, message, wrong);
	}
	const required = Array.isArray(schema['required']) ? schema['required'] : [];
	const optional = Object.keys(isObject(schema['properties']) ? schema['properties'] : {}).filter(
		(name) => !required.includes(name),
	);
	if (optional.length === 0) return;
	const message =
		"'required' is required to be supplied and to be an array including every key in properties. " +
		`Missing '${optional[0]}'.`;
	yield refused('strict-required', path, blame(message), wrong);
}

/** Also the name of a JSON schema as response format. */
export function* nameRules(name: string, path: string): Findings {
	if (name === '') {
		const message = `Missing required parameter: '${path}'.`;
		yield refused('name', path, message, { code: 'missing_required_parameter' });
	} else if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
		const message =
			`Invalid '${path}': string does not match pattern. ` +
			"Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
		yield refused('name', path, message, { code: 'invalid_value' });
	} else {
		yield* lengthRule(name, 64, path, 'name-length');
	}
}

export function* lengthRule(text: string, most: number, path: string, rule: string): Findings {
	if (text.length <= most) return;
	const message =
		`Invalid '${path}': string too long. Expected a string with maximum length ${most}, ` +
		`but got a string with length ${text.length} instead.`;
	yield refused(rule, path, message, { code: 'string_above_max_length' });
}

export function* emptyArrayRule(value: unknown, path: string): Findings {
	if (!Array.isArray(value) || value.length > 0) return;
	const message =
		`Invalid '${path}': empty array. Expected an array with minimum length 1, ` + 'but got an empty array instead.';
	yield refused('empty-array', path, message, { code: 'empty_array' });
}

export function* unknownFields(value: JsonObject, known: string, path: string): Findings {
	for (const field of Object.keys(value)) {
		if (known.split(' ').includes(field)) continue;
		const where = path === '' ? field : `${path}.${field}`;
		yield refused('unknown-parameter', where, `Unknown parameter: '${where}'.`, { code: 'unknown_parameter' });
	}
}

/** The two APIs take the same number of tools, each under a name of its own. */
export function* toolListRules(names: readonly string[]): Findings {
	if (names.length > 128) {
		const message =
			"Invalid 'tools': array too long. Expected an array with maximum length 128, " +
			`but got an array with length ${names.length} instead.`;
		yield refused('too-many-tools', 'tools', message, { code: 'array_above_max_length' });
	}
	for (const name of duplicatesIn(names)) {
		yield refused('tool-unique', 'tools', `Duplicate function name: '${name}'. Function names must be unique.`);
	}
}
