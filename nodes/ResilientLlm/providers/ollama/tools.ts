import type { Conversation, Tool } from '../../engine/conversation';
import { distinctTools, fittingName, type ToolNameRule } from '../conversation/tool-names';
import { asArray, asRecord, asString } from '../json/json-reader';

/** Ollama accepts any name, but its models were trained with names that OpenAI accepts. */
export const toolNameRule: ToolNameRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

export interface OllamaTool {
	readonly type: 'function';
	readonly function: {
		readonly name: string;
		readonly description: string;
		readonly parameters: Readonly<Record<string, unknown>>;
	};
}

/** The tools offered to the model. `/api/chat` has no tool choice, so tools that must not be called are left out. */
export function toolsOnOffer({ tools: all, toolChoice }: Conversation): readonly Tool[] {
	const tools = distinctTools(all);
	switch (toolChoice.kind) {
		case 'none':
			return [];
		case 'auto':
		case 'required':
			return tools;
		case 'tool':
			return tools.filter(({ name }) => name === toolChoice.name);
	}
}

/** An instruction in words that a tool must be called. Undefined if none is required. */
export function choiceInstruction({ toolChoice }: Conversation): string | undefined {
	switch (toolChoice.kind) {
		case 'auto':
		case 'none':
			return undefined;
		case 'required':
			return 'Answer with a call of one of your tools, and with nothing else.';
		case 'tool':
			return `Answer with a call of the tool ${fittingName(toolChoice.name, toolNameRule)}, and with nothing else.`;
	}
}

export function ollamaTool({ name, description, schema }: Tool): OllamaTool {
	const { $schema: _, ...parameters } = schema;
	return {
		type: 'function',
		function: {
			name: fittingName(name, toolNameRule),
			description,
			parameters: { properties: {}, ...readable(parameters), type: 'object' },
		},
	};
}

/** Reads the value of each known keyword. A value of another type is dropped, because the server would reject it. */
const readers: Readonly<Record<string, (value: unknown) => unknown>> = {
	type: (value) => asString(value) ?? asArray(value),
	description: asString,
	required: asArray,
	enum: asArray,
	items: (value) => (asRecord(value) === undefined ? undefined : readable(value)),
	anyOf: (value) => asArray(value)?.map(readable),
	properties: mapped,
	$defs: mapped,
};

/**
 * Converts a schema for Ollama, which parses each property into a Go struct and rejects the whole request if one does
 * not fit. The boolean schemas `true` and `false` become empty schemas, and malformed keywords are left out.
 */
function readable(schema: unknown): Readonly<Record<string, unknown>> {
	const keywords = Object.entries(asRecord(schema) ?? {}).map(([key, value]) => {
		const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
		return [key, read === undefined ? value : read(value)] as const;
	});
	return Object.fromEntries(keywords.filter(([, value]) => value !== undefined));
}

function mapped(schemas: unknown): unknown {
	const named = asRecord(schemas);
	return named && Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, readable(schema)]));
}
