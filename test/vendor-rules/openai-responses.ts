import { isObject, objectOf, objectsOf, textOf, type JsonObject } from './json';
import { functionRules, nameRules, toolListRules, unknownFields } from './openai/functions';
import { inputRules } from './openai/responses-input';
import { cacheRules, samplingRules } from './openai/sampling';
import { refused, type Check, type Findings } from './violation';

/**
 * What OpenAI's `POST /v1/responses` refuses. Sources: the types of openai 7.55.0, OpenAI's OpenAPI description of
 * August 2026, and error messages as several people quote them word for word in public issues.
 */
export const checkOpenAiResponses: Check = (request) => {
	const body = objectOf(request);
	const effort = objectOf(body['reasoning'])['effort'];
	return [
		...fieldRules(body),
		...inputRules(body),
		...toolRules(body),
		...formatRules(body),
		...samplingRules(body, effort, 'reasoning.effort'),
		...cacheRules(body, ['30m', '12h']),
	];
};

/** `ResponseCreateParamsBase` in openai 7.55.0. */
const topLevel =
	'background context_management conversation include input instructions max_output_tokens max_tool_calls metadata ' +
	'model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options ' +
	'prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text ' +
	'tool_choice tools top_logprobs top_p truncation user';

function* fieldRules(body: JsonObject): Findings {
	yield* unknownFields(body, topLevel, '');
	if (textOf(body['model']) === '') {
		const message = "Missing required parameter: 'model'.";
		yield refused('model', 'model', message, { code: 'missing_required_parameter' });
	}
	const most = body['max_output_tokens'];
	if (typeof most === 'number' && most < 16) {
		const message =
			"Invalid 'max_output_tokens': integer below minimum value. " + `Expected a value >= 16, but got ${most} instead.`;
		yield refused('max-tokens', 'max_output_tokens', message, { code: 'integer_below_min_value' });
	}
}

function* toolRules(body: JsonObject): Findings {
	const tools = objectsOf(body['tools']).filter(([, { type }]) => type === 'function' || type === undefined);
	for (const [index, tool] of tools) {
		const path = `tools[${index}]`;
		if (tool['type'] === undefined || tool['function'] !== undefined) {
			// The shape of Chat Completions, where the function is an object of its own.
			const message = `Missing required parameter: '${path}.${tool['type'] === undefined ? 'type' : 'name'}'.`;
			yield refused('tool-shape', path, message, { code: 'missing_required_parameter' });
			continue;
		}
		yield* unknownFields(
			tool,
			'type name description parameters strict defer_loading allowed_callers output_schema',
			path,
		);
		// The description calls `strict` required; left out, the API makes the schema strict, and then refuses most.
		yield* functionRules(tool, path, tool['strict'] !== false && tool['strict'] !== null);
	}
	const names = tools.map(([, { name }]) => textOf(name));
	yield* toolListRules(names);
	const choice = body['tool_choice'];
	if (typeof choice === 'string' && !['none', 'auto', 'required'].includes(choice)) {
		const message = `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`;
		yield refused('choice', 'tool_choice', message, { code: 'invalid_value' });
	} else if (isObject(choice) && choice['function'] !== undefined) {
		const message = "Unknown parameter: 'tool_choice.function'.";
		yield refused('choice-shape', 'tool_choice.function', message, { code: 'unknown_parameter' });
	} else if (isObject(choice) && choice['type'] === 'function' && !names.includes(textOf(choice['name']))) {
		const message = `Tool choice 'function' not found in 'tools' parameter.`;
		yield refused('choice', 'tool_choice', message);
	}
	const forces = choice === 'required' || (isObject(choice) && choice['type'] === 'function');
	if (forces && names.length === 0) {
		const message = "Tool choice 'required' must be specified with 'tools' parameter.";
		yield refused('only-with-tools', 'tool_choice', message);
	}
}

function* formatRules(body: JsonObject): Findings {
	const format = objectOf(objectOf(body['text'])['format']);
	if (body['response_format'] !== undefined) return;
	if (format['type'] === 'json_object' && !/json/i.test(JSON.stringify(body['input'] ?? ''))) {
		const message =
			"Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.";
		yield refused('json-word', 'input', message);
	}
	if (format['type'] !== 'json_schema') return;
	yield* nameRules(textOf(format['name']), 'text.format.name');
	yield* unknownFields(format, 'type name description schema strict', 'text.format');
}
