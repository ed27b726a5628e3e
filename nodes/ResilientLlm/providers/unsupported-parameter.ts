import type { DroppableParameter } from '../engine/request';
import type { ErrorBody } from './error-body';

/** How vendors spell what a request can do without, most telling first. */
const spellings: ReadonlyArray<readonly [DroppableParameter, RegExp]> = [
	['temperature', /\btemperature\b/i],
	['reasoningEffort', /\breasoning[_. ]?effort\b|\boutput_config\.effort\b|\beffort\b|\breasoning\b|\bthinking(?:_?(?:config|level|budget))?\b|["'`]think["'`]/i],
	['maxOutputTokens', /\bmax_(?:completion_|output_|new_)?tokens\b|\bmaxOutputTokens\b|\bnum_predict\b/i],
	['outputFormat', /\bresponse[_ ]?format\b|\boutput_config\b|\boutput[_ ]format\b|\bjson[_ ](?:schema|object|mode)\b|\bresponse_?(?:json_?)?schema\b|\bresponse_?mime_?type\b|\bstructured[_ ]outputs?\b|\bgrammar\b|^format$|[\"'`]format[\"'`]|\bin format\b|^invalid format\b/i],
];

const refusalCodes = new Set(['unsupported_parameter', 'unsupported_value', 'unknown_parameter', 'extra_forbidden', 'invalid_json_schema']);

const refusalWords =
	/\bunsupported\b|\bnot supported\b|\bdo(?:es)?(?:n't| not) support\b|\bunrecognized\b|\bunknown (?:parameter|field|argument|name)|\bextra (?:inputs?|fields?)\b|\bnot permitted\b|\bis deprecated\b|\bnot (?:currently )?available\b|\bunavailable\b|\bnot allowed\b|\bonly the default\b|\binvalid schema\b|\bmust be 'json_schema'|\bfailed to (?:parse|initialize) grammar\b|\bcannot be (?:set|specified|used)\b|\badditionalProperties\b/i;

/** What a server says it does not take: `undefined` when it says no such thing, `other` when a request needs it. */
export function refusedParameter(error: ErrorBody): DroppableParameter | 'other' | undefined {
	const coded = refusalCodes.has(error.code) || refusalCodes.has(error.type);
	if (!coded && !refusalWords.test(error.message)) return undefined;
	const named = spelledAs(error.parameter) ?? spelledAs(error.message);
	return named ?? (coded ? 'other' : undefined);
}

function spelledAs(text: string): DroppableParameter | undefined {
	return spellings.find(([, spelling]) => spelling.test(text))?.[0];
}
