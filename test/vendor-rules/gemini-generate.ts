import { contentRules } from './gemini/contents';
import { generationOf, modelIn } from './gemini/models';
import { isObject, listOf, objectOf, objectsOf, schemasIn, textOf, duplicatesIn, type JsonObject } from './json';
import { refused, warning, type Call, type Check, type Findings } from './violation';

/**
 * What Gemini's `generateContent` and `streamGenerateContent` refuse. The model is part of the path. Sources: the types
 * of @google/genai 3.1.0, ai.google.dev (function calling, thought signatures, structured output, flex inference), and
 * error messages as several people quote them word for word; those of empty contents and of the missing signature were
 * captured from the live API by a public project.
 */
export const checkGeminiGenerate: Check = (request, call = {}) => {
	const body = objectOf(request);
	const model = modelIn(call.path) ?? 'gemini-3.8-flash';
	return [...fieldRules(body, call), ...contentRules(body, model), ...toolRules(body), ...configRules(body, model)];
};

function unknownName(name: string, place: string): string {
	const where = place === '' ? '' : ` at '${place}'`;
	return `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`;
}

const topLevel =
	'contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent serviceTier labels store ' +
	'system_instruction generation_config tool_config service_tier';

function* fieldRules(body: JsonObject, call: Call): Findings {
	for (const name of Object.keys(body)) {
		if (!topLevel.split(' ').includes(name)) yield refused('unknown-name', name, unknownName(name, ''));
	}
	const tier = body['serviceTier'] ?? body['service_tier'];
	if (tier !== undefined && !['flex', 'standard', 'priority', 'unspecified'].includes(textOf(tier))) {
		const type = 'type.googleapis.com/google.ai.generativelanguage.v1beta.ServiceTier';
		const message = `Invalid value at 'service_tier' (${type}), "${textOf(tier)}"`;
		yield refused('service-tier', 'serviceTier', message);
	}
	const system = body['systemInstruction'] ?? body['system_instruction'];
	if (system !== undefined && typeof system !== 'string' && listOf(objectOf(system)['parts']).length === 0) {
		const message = '* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.\n';
		yield refused('system-empty', 'systemInstruction', message);
	}
	const length = Number(call.headers?.['content-length'] ?? JSON.stringify(body).length);
	if (length > 100 * 1024 * 1024) {
		yield refused('size', 'body', 'Request payload size exceeds the limit: 104857600 bytes.');
	}
}

const declarationFields = 'name description parameters parametersJsonSchema response responseJsonSchema behavior';

/** `Schema` in the API's types: a subset of OpenAPI 3.0. */
const schemaFields =
	'type format title description nullable enum maxItems minItems properties required minProperties maxProperties ' +
	'minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum';

function* toolRules(body: JsonObject): Findings {
	const names: string[] = [];
	for (const [index, tool] of objectsOf(body['tools'])) {
		for (const [place, declaration] of objectsOf(tool['functionDeclarations'])) {
			names.push(textOf(declaration['name']));
			yield* declarationRules(declaration, `tools[${index}].function_declarations[${place}]`);
		}
	}
	for (const name of duplicatesIn(names)) {
		yield refused('tool-unique', 'tools', `Duplicate function declaration found: ${name}`);
	}
	yield* choiceRules(body, names);
}

function* declarationRules(declaration: JsonObject, path: string): Findings {
	for (const name of Object.keys(declaration)) {
		if (!declarationFields.split(' ').includes(name)) yield refused('unknown-name', path, unknownName(name, path));
	}
	// The live message says 64; the types of November 2026 say 128. What fits the smaller one fits both.
	if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(textOf(declaration['name']))) {
		const message =
			`* GenerateContentRequest.${path}.name: Invalid function name. Must start with a letter or an underscore. ` +
			'Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), ' +
			'with a maximum length of 64.\n';
		yield refused('tool-name', `${path}.name`, message);
	}
	const { parameters, parametersJsonSchema } = declaration;
	if (parameters !== undefined && parametersJsonSchema !== undefined) {
		const message = `* GenerateContentRequest.${path}: parameters and parameters_json_schema are mutually exclusive.\n`;
		yield refused('parameters-twice', path, message);
	}
	for (const [place, schema] of schemasIn(parameters)) {
		const where = `${path}.parameters${place}`;
		const foreign = Object.keys(schema).find((key) => !schemaFields.split(' ').includes(key));
		if (foreign !== undefined) yield refused('parameters-keyword', where, unknownName(foreign, where));
		if (Array.isArray(schema['type'])) {
			const message = `Invalid value at '${where}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type)`;
			yield refused('parameters-type', where, message);
		}
		const isObjectType = textOf(schema['type']).toUpperCase() === 'OBJECT';
		if (isObjectType && Object.keys(objectOf(schema['properties'])).length === 0) {
			const message = `* GenerateContentRequest.${where}.properties: should be non-empty for OBJECT type\n`;
			yield refused('parameters-empty', where, message);
		}
	}
	if (parametersJsonSchema !== undefined && objectOf(parametersJsonSchema)['type'] !== 'object') {
		const message = `* GenerateContentRequest.${path}.parameters_json_schema: schema must describe an object.\n`;
		yield refused('parameters-type', path, message);
	}
}

function* choiceRules(body: JsonObject, names: readonly string[]): Findings {
	const config = objectOf(body['toolConfig'] ?? body['tool_config'])['functionCallingConfig'];
	if (config === undefined) return;
	const { mode, allowedFunctionNames } = objectOf(config);
	if (names.length === 0) {
		yield refused(
			'choice-without-tools',
			'toolConfig',
			'Function calling config is set without function_declarations.',
		);
	}
	if (!['AUTO', 'ANY', 'NONE', 'VALIDATED'].includes(textOf(mode))) {
		const type = 'type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode';
		const message = `Invalid value at 'tool_config.function_calling_config.mode' (${type}), "${textOf(mode)}"`;
		yield refused('choice', 'toolConfig', message);
	}
	if (allowedFunctionNames !== undefined && mode !== 'ANY' && mode !== 'VALIDATED') {
		const message = 'Allowed function names should be set only when the function calling mode is ANY.';
		yield refused('choice-names', 'toolConfig', message);
	}
	for (const name of listOf(allowedFunctionNames)) {
		if (names.includes(textOf(name))) continue;
		const message = `Function name '${textOf(name)}' in allowed_function_names is not in function_declarations.`;
		yield refused('choice-unknown', 'toolConfig', message);
	}
}

function* configRules(body: JsonObject, model: string): Findings {
	const config = objectOf(body['generationConfig'] ?? body['generation_config']);
	const { responseMimeType, responseSchema, responseJsonSchema } = config;
	if (responseSchema !== undefined && responseJsonSchema !== undefined) {
		const message = 'response_schema and response_json_schema are mutually exclusive.';
		yield refused('schema-twice', 'generationConfig', message);
	}
	const hasSchema = isObject(responseSchema) || isObject(responseJsonSchema);
	if (hasSchema && responseMimeType !== 'application/json') {
		const message =
			'* GenerateContentRequest.generation_config.response_schema: ' +
			'only allowed when response_mime_type is application/json.\n';
		yield refused('schema-without-mime', 'generationConfig', message);
	}
	const generation = generationOf(model);
	const hasTools = objectsOf(body['tools']).some(([, tool]) => listOf(tool['functionDeclarations']).length > 0);
	if (hasTools && responseMimeType === 'application/json' && (generation ?? 0) < 3) {
		const message = "Function calling with a response mime type: 'application/json' is unsupported";
		yield refused('json-with-tools', 'generationConfig', message);
	}
	const { thinkingBudget, thinkingLevel } = objectOf(config['thinkingConfig']);
	if (thinkingBudget !== undefined && thinkingLevel !== undefined) {
		const message = 'You can only set only one of thinking budget and thinking level.';
		yield refused('thinking-twice', 'generationConfig.thinkingConfig', message);
	}
	if (thinkingLevel !== undefined && (generation ?? 0) < 3) {
		const message = 'Thinking level is not supported for this model.';
		yield refused('thinking-level', 'generationConfig.thinkingConfig', message);
	}
	if (config['maxOutputTokens'] === undefined) {
		yield warning(
			'max-tokens',
			'generationConfig',
			'Without maxOutputTokens the answer may be as long as the model can.',
		);
	}
}
