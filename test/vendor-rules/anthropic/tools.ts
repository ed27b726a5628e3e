import { duplicatesIn, isObject, listOf, objectOf, objectsOf, schemasIn, textOf, type JsonObject } from '../json';
import { refused, type Findings } from '../violation';
import { extraFields } from './blocks';
import { claudeTraits } from './models';

const toolFields =
	'type name description input_schema strict cache_control allowed_callers defer_loading eager_input_streaming ' +
	'input_examples';

/** Tool definitions and tool choice: "Define tools" on platform.claude.com; the messages as quoted in public issues. */
export function* toolRules(body: JsonObject): Findings {
	const tools = objectsOf(body['tools']).filter(([, { type }]) => type === undefined || type === 'custom');
	for (const [index, tool] of tools) {
		const path = `tools.${index}.custom`;
		yield* extraFields(tool, toolFields, path);
		// The documentation says 64, the live message of the API 128. What fits the smaller one fits both.
		if (!/^[a-zA-Z0-9_-]{1,64}$/.test(textOf(tool['name']))) {
			const message = `${path}.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'`;
			yield refused('tool-name', `${path}.name`, message);
		}
		yield* inputSchemaRules(tool['input_schema'], `${path}.input_schema`);
		if (tool['strict'] === true) yield* strictSchemaRules(tool['input_schema'], `${path}.input_schema`);
	}
	const names = objectsOf(body['tools']).map(([, { name }]) => textOf(name));
	if (duplicatesIn(names).length > 0) yield refused('tool-unique', 'tools', 'tools: Tool names must be unique.');
	yield* toolChoiceRules(body, names);

	const hasHistory = objectsOf(body['messages']).some(([, { content }]) =>
		objectsOf(content).some(([, { type }]) => type === 'tool_use' || type === 'tool_result'),
	);
	// Seen on Bedrock and through gateways; the API itself is said to let it pass.
	if (hasHistory && names.length === 0) {
		const message = 'Requests which include `tool_use` or `tool_result` blocks must define tools';
		yield refused('history-without-tools', 'tools', message);
	}
}

function* inputSchemaRules(schema: unknown, path: string): Findings {
	if (!isObject(schema)) {
		yield refused('input-schema', path, `${path}: Field required`);
		return;
	}
	if (schema['type'] === undefined) {
		yield refused('input-schema-type', path, `${path}.type: Field required`);
	} else if (schema['type'] !== 'object') {
		yield refused('input-schema-type', path, `${path}.type: Input should be 'object'`);
	}
	if (['oneOf', 'allOf', 'anyOf'].some((keyword) => keyword in schema)) {
		const message = 'input_schema does not support oneOf, allOf, or anyOf at the top level';
		yield refused('input-schema-top', path, `${path}: ${message}`);
	}
	const broken = [...schemasIn(schema)].some(
		([, { required, properties, enum: values }]) =>
			(required !== undefined && !Array.isArray(required)) ||
			(properties !== undefined && !isObject(properties)) ||
			(values !== undefined && !Array.isArray(values)),
	);
	if (broken) {
		const message = 'JSON schema is invalid. It must match JSON Schema draft 2020-12.';
		yield refused('input-schema-draft', path, `${path}: ${message}`);
	}
}

function* toolChoiceRules(body: JsonObject, names: readonly string[]): Findings {
	if (body['tool_choice'] === undefined) return;
	const choice = objectOf(body['tool_choice']);
	if (names.length === 0) {
		const message = 'tool_choice: tool_choice may only be specified while providing tools';
		yield refused('choice-without-tools', 'tool_choice', message);
	}
	switch (choice['type']) {
		case 'auto':
		case 'any':
			yield* extraFields(choice, 'type disable_parallel_tool_use', `tool_choice.${choice['type']}`);
			return;
		case 'none':
			yield* extraFields(choice, 'type', 'tool_choice.none');
			return;
		case 'tool':
			yield* extraFields(choice, 'type name disable_parallel_tool_use', 'tool_choice.tool');
			if (names.includes(textOf(choice['name']))) return;
			yield refused('choice-unknown', 'tool_choice', `Tool '${textOf(choice['name'])}' not found in provided tools`);
			return;
		default: {
			const message = "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'";
			yield refused('choice-type', 'tool_choice', message);
		}
	}
}

const effortLevels = ['low', 'medium', 'high', 'xhigh', 'max'];

/** `output_config`: "Structured outputs" and "Effort" on platform.claude.com. */
export function* outputRules(body: JsonObject): Findings {
	const config = objectOf(body['output_config']);
	yield* extraFields(config, 'effort format', 'output_config');
	const { effort, format } = config;
	if (effort !== undefined && effort !== null && !effortLevels.includes(textOf(effort))) {
		const wanted = "'low', 'medium', 'high', 'xhigh' or 'max'";
		yield refused('effort', 'output_config.effort', `output_config.effort: Input should be ${wanted}`);
	}
	if (effort !== undefined && effort !== null && !claudeTraits(textOf(body['model'])).effort) {
		yield refused('effort-unsupported', 'output_config.effort', 'This model does not support the effort parameter.');
	}
	if (format === undefined || format === null) return;
	const { type, schema } = objectOf(format);
	if (type !== 'json_schema' || !isObject(schema)) {
		yield refused('format', 'output_config.format', "output_config.format.type: Input should be 'json_schema'");
		return;
	}
	yield* strictSchemaRules(schema, 'output_config.format.schema');
	if (objectOf(listOf(body['messages']).at(-1))['role'] === 'assistant') {
		const message = 'Prefilling assistant messages is not supported with output_config.format';
		yield refused('format-with-prefill', 'messages', message);
	}
}

const unsupported =
	'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength maxItems uniqueItems oneOf not if';

/** "JSON Schema limitations": what constrained output cannot be compiled from. */
function* strictSchemaRules(schema: unknown, path: string): Findings {
	for (const [place, inner] of schemasIn(schema)) {
		const where = `${path}${place}`;
		const keyword = Object.keys(inner).find((name) => unsupported.split(' ').includes(name));
		if (keyword !== undefined) {
			yield refused('strict-keyword', where, `${where}: property '${keyword}' is not supported`);
		}
		if (inner['type'] === 'object' && inner['additionalProperties'] !== false) {
			const message = "For 'object' type, 'additionalProperties' must be explicitly set to false";
			yield refused('strict-additional', where, `${where}: ${message}`);
		}
		if (Number(inner['minItems'] ?? 0) > 1) {
			const message = "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
			yield refused('strict-min-items', where, `${where}: ${message}`);
		}
	}
}
