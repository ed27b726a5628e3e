import type { Tool, ToolCall } from '../../engine/conversation';
import { argumentsTextOf } from '../conversation/call-arguments';
import { fittingName, ownName, type ToolNameRule } from '../conversation/tool-names';
import { asArray, asRecord, parseJson } from '../json/json-reader';

type Schema = Readonly<Record<string, unknown>>;

/** From `FunctionObject` in OpenAI's API description. */
const nameRule: ToolNameRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

export const sentName = (name: string) => fittingName(name, nameRule);

/** A tool's definition, the same for both of OpenAI's APIs. */
export function functionOf({ name, description, schema }: Tool) {
	const { taken, isWhole } = takenOf(schema);
	const words = isWhole ? description : `${description}\n\n${schemaInWords(schema)}`.trim();
	return { name: sentName(name), ...(words !== '' && { description: words }), parameters: taken };
}

const refusedAtTheTop = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'];

/**
 * The schema in the form OpenAI accepts: at the top level an object without alternatives. If keywords are left out
 * (`isWhole` is false), the schema is added to the description as text.
 */
function takenOf(schema: Schema): { readonly taken: Record<string, unknown>; readonly isWhole: boolean } {
	const kept = Object.entries(schema).filter(([key]) => !refusedAtTheTop.includes(key));
	const taken = { properties: {}, ...asRecord(withItems(Object.fromEntries(kept))), type: 'object' };
	return { taken, isWhole: kept.length === Object.keys(schema).length };
}

function schemaInWords(schema: Schema): string {
	return `Its arguments must match this JSON Schema:\n${JSON.stringify(schema)}`;
}

const noSchemas = ['default', 'const', 'enum', 'examples'];

/** Adds `items: {}` to arrays without it, which OpenAI rejects. */
function withItems(part: unknown): unknown {
	const list = asArray(part);
	if (list !== undefined) return list.map(withItems);
	const schema = asRecord(part);
	if (schema === undefined) return part;
	const type = schema['type'];
	const isList = type === 'array' || asArray(type)?.includes('array') === true;
	const saysWhatOf = schema['items'] !== undefined || schema['prefixItems'] !== undefined;
	return {
		...Object.fromEntries(
			Object.entries(schema).map(([key, value]) => [key, noSchemas.includes(key) ? value : withItems(value)]),
		),
		...(isList && !saysWhatOf && { items: {} }),
	};
}

/** A call's arguments for sending back. Servers parse them, so anything but a JSON object is sent as `{}`. */
export function sentArguments({ argumentsText }: ToolCall): string {
	return asRecord(parseJson(argumentsText)) === undefined ? '{}' : argumentsText;
}

/** Reads a tool call: the original name of the tool, and its arguments as text. */
export function readCall(id: string, name: string, sent: unknown, tools: readonly Tool[]): ToolCall {
	const argumentsText = argumentsTextOf(sent);
	return {
		id,
		name: ownName(name, tools, nameRule),
		// Models may write an empty text if a tool needs no arguments.
		argumentsText: typeof sent === 'string' && sent.trim() === '' ? '{}' : argumentsText,
	};
}
