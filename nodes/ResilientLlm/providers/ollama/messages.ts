import {
	textOf,
	type AssistantMessage,
	type Conversation,
	type Part,
	type ToolMessage,
} from '../../engine/conversation';
import { argumentsOf } from '../conversation/call-arguments';
import { fittingName } from '../conversation/tool-names';
import { betweenUserTurns, turnsOf } from '../conversation/turns';
import { asString } from '../json/json-reader';
import { toolNameRule } from './tools';

export interface OllamaMessage {
	readonly role: 'system' | 'user' | 'assistant' | 'tool';
	readonly content: string;
	/** Base64, never a file path: Ollama's own client would read a file that the string names. */
	readonly images?: readonly string[];
	/** The model's reasoning, sent back to the model that wrote it: without it gpt-oss loses track in a tool loop. */
	readonly thinking?: string;
	readonly tool_calls?: readonly OllamaCall[];
	/** Identifies the call: old versions and their templates only know the tool's name, newer ones the call's ID. */
	readonly tool_name?: string;
	readonly tool_call_id?: string;
}

interface OllamaCall {
	readonly id: string;
	/** The arguments are an object here; other vendors use JSON text. */
	readonly function: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
}

export function messagesOf({ messages }: Conversation): readonly OllamaMessage[] {
	return betweenUserTurns(turnsOf(messages)).flatMap((turn): readonly OllamaMessage[] => {
		switch (turn.role) {
			case 'user':
				return [{ role: 'user', content: textOf(turn.parts), ...imagesIn(turn.parts) }];
			case 'assistant':
				return [assistantMessage(turn)];
			case 'results':
				return [...turn.results.map(resultMessage), ...imagesBeside(turn.results)];
		}
	});
}

function assistantMessage({ text, toolCalls, keepsake }: AssistantMessage): OllamaMessage {
	const thinking = asString(keepsake?.content);
	return {
		role: 'assistant',
		content: text,
		...(thinking !== undefined && { thinking }),
		...(toolCalls.length > 0 && {
			tool_calls: toolCalls.map(({ id, name, argumentsText }) => ({
				id,
				function: { name: fittingName(name, toolNameRule), arguments: argumentsOf(argumentsText) },
			})),
		}),
	};
}

/** Ollama has no field that marks a tool result as an error, so the text says so. */
function resultMessage({ callId, name, parts, isError }: ToolMessage): OllamaMessage {
	const text = textOf(parts);
	return {
		role: 'tool',
		content: isError ? `Error: ${text}` : text,
		tool_name: fittingName(name, toolNameRule),
		tool_call_id: callId,
	};
}

/** Templates only look for images in user messages, so images of tool results are sent in one. */
function imagesBeside(results: readonly ToolMessage[]): readonly OllamaMessage[] {
	return results.flatMap(({ name, parts }) => {
		const images = imagesIn(parts);
		return images.images === undefined
			? []
			: [{ role: 'user', content: `Images in the result of ${name}:`, ...images }];
	});
}

function imagesIn(parts: readonly Part[]): Pick<OllamaMessage, 'images'> {
	const images = parts.flatMap((part) => (part.kind === 'text' ? [] : [part.base64]));
	return images.length === 0 ? {} : { images };
}
