import type { Anthropic } from '@anthropic-ai/sdk';

import type { Conversation, Tool } from '../../engine/conversation';
import { distinctTools, fittingName, type ToolNameRule } from '../conversation/tool-names';
import { takesForcedTools } from './models';
import { fittedSchema } from './tool-schema';

type SentTool = Anthropic.Messages.Tool;
type SentChoice = Anthropic.Messages.ToolChoice;

/** The documentation says 64 characters, the server's own message 128. */
export const toolNameRule: ToolNameRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

export interface OfferedTools {
	readonly tools: readonly SentTool[];
	/** Undefined when there are no tools: it may not be sent then. */
	readonly choice: SentChoice | undefined;
	/** What the choice cannot say to this model, to be said in words. */
	readonly wish: string | undefined;
}

/** The tools on offer, and whether one must be called. */
export function offeredTools(conversation: Conversation, model: string): OfferedTools {
	const { toolChoice } = conversation;
	const tools = distinctTools(conversation.tools);
	if (tools.length === 0) {
		// Tools that were called before must be known, even when none may be called any more.
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

/** A tool's name as it is sent. */
export function sentName(name: string): string {
	return fittingName(name, toolNameRule);
}
