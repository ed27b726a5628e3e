import type { Anthropic } from '@anthropic-ai/sdk';

import type { Conversation, Tool } from '../../engine/conversation';
import { distinctTools, fittingName, type ToolNameRule } from '../conversation/tool-names';
import { takesForcedTools } from './models';
import { fittedSchema } from './tool-schema';

type SentTool = Anthropic.Messages.Tool;
type SentChoice = Anthropic.Messages.ToolChoice;

/** The API's documentation says at most 64 characters, its error message says 128; the smaller limit is safe. */
export const toolNameRule: ToolNameRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

export interface OfferedTools {
	readonly tools: readonly SentTool[];
	/** Undefined if no tools are sent: the API rejects a tool choice without tools. */
	readonly choice: SentChoice | undefined;
	/** The tool choice as an instruction in words, for models that do not support it as a parameter. */
	readonly wish: string | undefined;
}

/** The tools to send, and the tool choice in the form that the model supports. */
export function offeredTools(conversation: Conversation, model: string): OfferedTools {
	const { toolChoice } = conversation;
	const tools = distinctTools(conversation.tools);
	if (tools.length === 0) {
		// The API requires a definition of every tool that was called earlier, even if none may be called now.
		const called = calledNames(conversation).map((name) => sentTool({ name, description: '', schema: {} }));
		return { tools: called, choice: called.length > 0 ? { type: 'none' } : undefined, wish: undefined };
	}
	const sent = tools.map(sentTool);
	if (toolChoice.kind === 'auto' || toolChoice.kind === 'none') {
		return { tools: sent, choice: { type: toolChoice.kind }, wish: undefined };
	}
	const only = toolChoice.kind === 'tool' ? sentName(toolChoice.name) : undefined;
	if (!takesForcedTools(model)) {
		const wish = only === undefined ? 'Call a tool now.' : `Call the tool "${only}" now.`;
		return { tools: sent, choice: { type: 'auto' }, wish };
	}
	return {
		tools: sent,
		choice: only === undefined ? { type: 'any' } : { type: 'tool', name: only },
		wish: undefined,
	};
}

function calledNames({ messages }: Conversation): readonly string[] {
	const names = messages.flatMap((message) =>
		message.role === 'assistant' ? message.toolCalls.map(({ name }) => sentName(name)) : [],
	);
	return [...new Set(names)];
}

function sentTool({ name, description, schema }: Tool): SentTool {
	const fitted = fittedSchema(schema);
	const words = [description, fitted.rest].filter((part) => part !== undefined && part.trim() !== '').join('\n\n');
	return {
		name: sentName(name),
		...(words !== '' && { description: words }),
		input_schema: fitted.schema,
	};
}

/** A tool's name in the form that Anthropic accepts. */
export function sentName(name: string): string {
	return fittingName(name, toolNameRule);
}
