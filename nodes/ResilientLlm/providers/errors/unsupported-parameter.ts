import type { DroppableParameter } from '../../engine/request';
import type { ErrorBody } from './error-body';
import { says } from './says';

/** Vendors' names for the parameters that a request can do without. The most specific come first. */
const spellings: ReadonlyArray<readonly [DroppableParameter, readonly RegExp[]]> = [
	['temperature', [/\btemperature\b/i]],
	[
		'reasoningEffort',
		[
			/\breasoning(?:[_. ]?effort)?\b/i,
			/\beffort\b/i,
			/\bthinking(?:_?(?:config|level|budget))?\b/i,
			/["'`]think["'`]/i,
		],
	],
	['maxOutputTokens', [/\bmax_(?:completion_|output_|new_)?tokens\b/i, /\bmaxOutputTokens\b/i, /\bnum_predict\b/i]],
	[
		'outputFormat',
		[
			/\bresponse[_ ]?format\b/i,
			/\boutput_config\b|\boutput[_ ]format\b/i,
			/\bjson[_ ](?:schema|object|mode)\b|\bstructured[_ ]outputs?\b/i,
			/\bresponse_?(?:json_?)?schema\b|\bresponse_?mime_?type\b/i,
			/\bgrammar\b/i,
			/^format$|["'`]format["'`]|\bin format\b|^invalid format\b/i,
		],
	],
];

const refusalCodes = new Set([
	'unsupported_parameter',
	'unsupported_value',
	'unknown_parameter',
	'extra_forbidden',
	'invalid_json_schema',
]);

const refusalWords: readonly RegExp[] = [
	/\bunsupported\b|\bnot supported\b|\bdo(?:es)?(?:n't| not) support\b/i,
	/\bunrecognized\b|\bunknown (?:parameter|field|argument|name)/i,
	/\bextra (?:inputs?|fields?)\b|\bnot permitted\b|\bnot allowed\b/i, // pydantic
	/\bis deprecated\b|\bonly the default\b|\bcannot be (?:set|specified|used)\b/i,
	/\bnot (?:currently )?available\b|\bunavailable\b/i, // DeepSeek
	/\binvalid schema\b|\badditionalProperties\b/i, // OpenAI, Anthropic
	/\bmust be 'json_schema'/i, // LM Studio
	/\bfailed to (?:parse|initialize) grammar\b/i, // llama.cpp
];

/**
 * Which parameter a server rejects as unsupported. `undefined` if it rejects none, `other` if the parameter cannot be
 * left out of a request.
 */
export function refusedParameter(error: ErrorBody): DroppableParameter | 'other' | undefined {
	const coded = refusalCodes.has(error.code) || refusalCodes.has(error.type);
	if (!coded && !says(error.message, refusalWords)) return undefined;
	const named = spelledAs(error.parameter) ?? spelledAs(error.message);
	return named ?? (coded ? 'other' : undefined);
}

function spelledAs(text: string): DroppableParameter | undefined {
	return spellings.find(([, spelling]) => says(text, spelling))?.[0];
}
