import { isObject, listOf, objectOf, objectsOf, textOf, type JsonObject } from './json';
import { messageRules } from './openai/chat-messages';
import { emptyArrayRule, functionRules, nameRules, toolListRules, unknownFields } from './openai/functions';
import { openAiTraits } from './openai/models';
import { cacheRules, samplingRules } from './openai/sampling';
import { refused, type Check, type Findings } from './violation';

/**
 * What OpenAI's `POST /v1/chat/completions` refuses. Sources: the types of openai 7.55.0, OpenAI's OpenAPI description
 * of August 2026, and error messages as several people quote them word for word in public issues.
 */
export const checkOpenAiChat: Check = (request) => {
	const body = objectOf(request);
	return [
		...fieldRules(body),
		...messageRules(body),
		...toolRules(body),
		...newestModelRules(body),
		...formatRules(body),
		...samplingRules(body, body['reasoning_effort'], 'reasoning_effort'),
		...cacheRules(body, ['30m']),
	];
};

/** `ChatCompletionCreateParamsBase` in openai 7.55.0, less what nobody should send any more. */
const topLevel =
	'messages model audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata modalities ' +
	'moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options ' +
	'prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream ' +
	'stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options';

function* fieldRules(body: JsonObject): Findings {
	yield* unknownFields(body, topLevel, '');
	if (textOf(body['model']) === '') yield refused('model', 'model', 'you must provide a model parameter');
	const { reasons } = openAiTraits(textOf(body['model']));
	if (body['max_tokens'] !== undefined && reasons) {
		const message =
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
		yield refused('max-tokens', 'max_tokens', message, { code: 'unsupported_parameter' });
	}
	if (body['stop'] !== undefined && body['stop'] !== null && reasons) {
		const message = "Unsupported parameter: 'stop' is not supported with this model.";
		yield refused('stop', 'stop', message, { code: 'unsupported_parameter' });
	}
	if (body['stream_options'] !== undefined && body['stream'] !== true) {
		const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
		yield refused('stream-options', 'stream_options', message);
	}
}

function* toolRules(body: JsonObject): Findings {
	yield* emptyArrayRule(body['tools'], 'tools');
	const functions = objectsOf(body['tools']).map(([index, tool]) => [index, objectOf(tool['function'])] as const);
	for (const [index, tool] of objectsOf(body['tools'])) {
		yield* unknownFields(tool, 'type function', `tools[${index}]`);
		if (tool['type'] === 'function') continue;
		const message = `Missing required parameter: 'tools[${index}].type'.`;
		yield refused('tool-type', `tools[${index}].type`, message, { code: 'missing_required_parameter' });
	}
	for (const [index, definition] of functions) {
		const path = `tools[${index}].function`;
		yield* unknownFields(definition, 'name description parameters strict', path);
		yield* functionRules(definition, path, definition['strict'] === true);
	}
	const names = functions.map(([, { name }]) => textOf(name));
	yield* toolListRules(names);
	for (const parameter of ['tool_choice', 'parallel_tool_calls']) {
		if (body[parameter] === undefined || names.length > 0) continue;
		const message = `Invalid value for '${parameter}': '${parameter}' is only allowed when 'tools' are specified.`;
		yield refused('only-with-tools', parameter, message);
	}
	const choice = body['tool_choice'];
	if (typeof choice === 'string' && !['none', 'auto', 'required'].includes(choice)) {
		const message = `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`;
		yield refused('choice', 'tool_choice', message, { code: 'invalid_value' });
	} else if (isObject(choice) && choice['type'] === 'function') {
		const name = textOf(objectOf(choice['function'])['name']);
		if (!names.includes(name)) {
			const message =
				"Invalid value for 'tool_choice': " + `no function named '${name}' was specified in the 'tools' parameter.`;
			yield refused('choice', 'tool_choice.function.name', message);
		}
	} else if (isObject(choice) && choice['type'] !== 'allowed_tools') {
		const message = `Invalid value: '${textOf(choice['type'])}'. Supported values are: 'function' and 'allowed_tools'.`;
		yield refused('choice', 'tool_choice.type', message, { code: 'invalid_value' });
	}
}

/** The newest models reason unless told not to, and do not reason and call functions in Chat Completions. */
function* newestModelRules(body: JsonObject): Findings {
	const model = textOf(body['model']);
	const effort = body['reasoning_effort'] ?? undefined;
	const { chatTools } = openAiTraits(model);
	const takes = chatTools === 'always' || effort === 'none' || (chatTools === 'withoutEffort' && effort === undefined);
	if (takes || listOf(body['tools']).length === 0) return;
	const message =
		`Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. ` +
		"To use function tools, use /v1/responses or set reasoning_effort to 'none'.";
	yield refused('tools-with-reasoning', 'reasoning_effort', message, { code: null });
}

function* formatRules(body: JsonObject): Findings {
	const format = body['response_format'];
	if (format === undefined) return;
	const { type, json_schema: named } = objectOf(format);
	if (type === 'json_object' && !/json/i.test(JSON.stringify(body['messages'] ?? ''))) {
		const message =
			"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
		yield refused('json-word', 'messages', message);
	}
	if (!['text', 'json_object', 'json_schema'].includes(textOf(type))) {
		const message = `Invalid value: '${textOf(type)}'. Supported values are: 'text', 'json_object', and 'json_schema'.`;
		yield refused('format', 'response_format.type', message, { code: 'invalid_value' });
	}
	if (type !== 'json_schema') return;
	const path = 'response_format.json_schema';
	yield* nameRules(textOf(objectOf(named)['name']), `${path}.name`);
	yield* unknownFields(objectOf(named), 'name description schema strict', path);
}
