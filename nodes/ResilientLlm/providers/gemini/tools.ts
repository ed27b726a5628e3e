import type { Conversation, Tool, ToolChoice } from '../../engine/conversation';
import { distinctTools, fittingName, type ToolNameRule } from '../conversation/tool-names';
import { asRecord } from '../json/json-reader';

/**
 * The limit of 64 characters is from the API's error message. Its newest types allow 128; the smaller limit is safe.
 */
export const toolNameRule: ToolNameRule = { allowed: /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/, maxLength: 64 };

export interface GeminiTools {
	readonly tools?: ReadonlyArray<{ readonly functionDeclarations: readonly FunctionDeclaration[] }>;
	readonly toolConfig?: { readonly functionCallingConfig: FunctionCallingConfig };
}

interface FunctionDeclaration {
	readonly name: string;
	readonly description: string;
	/**
	 * JSON schema. The older field `parameters` accepts only a subset of OpenAPI's schema; any other keyword fails the
	 * request.
	 */
	readonly parametersJsonSchema?: Readonly<Record<string, unknown>>;
}

interface FunctionCallingConfig {
	readonly mode: 'AUTO' | 'ANY' | 'NONE';
	readonly allowedFunctionNames?: readonly string[];
}

/** No tools means no tool choice either: the API rejects a tool choice without tools. */
export function toolsOf({ tools, toolChoice }: Conversation): GeminiTools {
	if (tools.length === 0) return {};
	return {
		tools: [{ functionDeclarations: distinctTools(tools).map(declarationOf) }],
		toolConfig: { functionCallingConfig: callingConfigOf(toolChoice) },
	};
}

function declarationOf({ name, description, schema }: Tool): FunctionDeclaration {
	const { $schema: _, ...parameters } = schema;
	return {
		name: fittingName(name, toolNameRule),
		description: description === '' ? name : description,
		...(describesParameters(schema) && { parametersJsonSchema: { ...parameters, type: 'object' } }),
	};
}

const keysOfParameters = ['$ref', 'anyOf', 'oneOf', 'allOf', 'if', 'patternProperties'];

/** Whether the schema describes any parameters. The API rejects an empty schema for a tool without parameters. */
function describesParameters(schema: Tool['schema']): boolean {
	return (
		Object.keys(asRecord(schema['properties']) ?? {}).length > 0 ||
		keysOfParameters.some((key) => schema[key] !== undefined) ||
		(schema['additionalProperties'] ?? false) !== false
	);
}

function callingConfigOf(choice: ToolChoice): FunctionCallingConfig {
	switch (choice.kind) {
		case 'auto':
			return { mode: 'AUTO' };
		case 'none':
			return { mode: 'NONE' };
		case 'required':
			return { mode: 'ANY' };
		case 'tool':
			return { mode: 'ANY', allowedFunctionNames: [fittingName(choice.name, toolNameRule)] };
	}
}
