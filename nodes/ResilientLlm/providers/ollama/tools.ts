import type { Conversation, Tool } from '../../engine/conversation';
import { fittingName, type ToolNameRule } from '../conversation/tool-names';
import { asArray, asRecord } from '../json/json-reader';

/** Ollama takes any name; the models were taught those that OpenAI takes. */
export const toolNameRule: ToolNameRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

export interface OllamaTool {
	readonly type: 'function';
	readonly function: {
		readonly name: string;
		readonly description: string;
		readonly parameters: Readonly<Record<string, unknown>>;
	};
}

/** The tools among which the model may choose. `/api/chat` has no tool choice: what must not be called is not offered. */
export function toolsOnOffer({ tools, toolChoice }: Conversation): readonly Tool[] {
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

/** What must be called is asked for in words. */
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

/**
 * The same schema for a server that reads each property into a struct: `true` and `false`, which are schemas too, would
 * have it refuse the whole request. What it does not know, it leaves out by itself.
 */
function readable(schema: unknown): Readonly<Record<string, unknown>> {
	const record = asRecord(schema) ?? {};
	const properties = asRecord(record['properties']);
	const choices = asArray(record['anyOf']);
	const items = record['items'];
	return {
		...record,
		...(properties !== undefined && {
			properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, readable(part)])),
		}),
		...(choices !== undefined && { anyOf: choices.map(readable) }),
		...(asRecord(items) !== undefined && { items: readable(items) }),
	};
}
