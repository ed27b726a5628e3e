import type { OpenAI } from 'openai';

import { textOf, type Attachment, type AssistantMessage, type Part, type ToolMessage } from '../../engine/conversation';
import { withFittingIds, type CallIdRule } from '../conversation/call-ids';
import { betweenUserTurns, type Turn } from '../conversation/turns';
import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';
import { sentArguments, sentName } from './tools';

type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;
type ContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;
type SentCall = OpenAI.Chat.Completions.ChatCompletionMessageFunctionToolCall;

/** How compatible servers differ in the messages they accept. */
export interface MessageDialect {
	readonly callIds: CallIdRule;
	/** The content of an assistant message that consists of tool calls only. */
	readonly contentBesideCalls: '' | null;
	/**
	 * Whether the conversation must begin and end with the user, with an assistant message between tool results and the
	 * user.
	 */
	readonly strictOrder: boolean;
	/** Whether reasoning is sent back to the model that wrote it. */
	readonly givesReasoningBack: boolean;
	/** Text sent in place of the reasoning for tool calls made by other models, if the server requires one. */
	readonly foreignReasoning?: string;
}

export function messagesOf(turns: readonly Turn[], dialect: MessageDialect): ChatMessage[] {
	const ordered = withFilesBesideResults(turns);
	return withFittingIds(dialect.strictOrder ? inStrictOrder(ordered) : ordered, dialect.callIds).flatMap(
		(turn): ChatMessage[] => {
			switch (turn.role) {
				case 'user':
					return [{ role: 'user', content: userContent(turn.parts) }];
				case 'assistant':
					return [assistantMessage(turn, dialect)];
				case 'results':
					return turn.results.map((result) => ({
						role: 'tool',
						tool_call_id: result.callId,
						content: resultText(result),
					}));
			}
		},
	);
}

/** A tool message may hold only text, so files in tool results are sent in a user message after them. */
function withFilesBesideResults(turns: readonly Turn[]): readonly Turn[] {
	const ordered: Turn[] = [];
	for (const turn of turns) {
		const last = ordered.at(-1);
		if (turn.role === 'user' && last?.role === 'user') {
			ordered[ordered.length - 1] = { role: 'user', parts: [...last.parts, ...turn.parts] };
		} else {
			ordered.push(turn);
		}
		const files = turn.role === 'results' ? turn.results.flatMap(filesOf) : [];
		if (files.length > 0) ordered.push({ role: 'user', parts: files });
	}
	return ordered;
}

function filesOf({ name, parts }: ToolMessage): readonly Part[] {
	const files = parts.filter(({ kind }) => kind !== 'text');
	return files.length === 0 ? [] : [{ kind: 'text', text: `Files that ${name} gave back:` }, ...files];
}

/** These servers have no field that marks a tool result as an error, so the text says so. */
function resultText({ parts, isError }: ToolMessage): string {
	const hasFiles = parts.some(({ kind }) => kind !== 'text');
	const text = textOf(parts) || (hasFiles ? 'The files follow in the next message.' : 'It gave nothing back.');
	return isError ? `The tool failed: ${text}` : text;
}

/** Mistral rejects a user message directly after a tool message, so an assistant message is put between them. */
function inStrictOrder(turns: readonly Turn[]): readonly Turn[] {
	return betweenUserTurns(turns).flatMap((turn, index, all) =>
		turn.role === 'user' && all[index - 1]?.role === 'results'
			? [{ role: 'assistant', text: 'I have read what the tools gave back.', toolCalls: [] }, turn]
			: [turn],
	);
}

function assistantMessage(turn: AssistantMessage, dialect: MessageDialect): ChatMessage {
	const { text, toolCalls } = turn;
	if (toolCalls.length === 0) return { role: 'assistant', content: text };
	const { reasoning, details, extras } = dialect.givesReasoningBack ? keptIn(turn) : nothingKept;
	const thoughts = reasoning ?? dialect.foreignReasoning;
	const calls = toolCalls.map((call, index): SentCall => ({
		id: call.id,
		type: 'function',
		function: { name: sentName(call.name), arguments: sentArguments(call) },
		...(extras[index] && { extra_content: extras[index] }),
	}));
	return {
		role: 'assistant',
		content: text.trim() === '' ? dialect.contentBesideCalls : text,
		tool_calls: calls,
		...(thoughts !== undefined && { reasoning_content: thoughts }),
		...(details !== undefined && { reasoning_details: details }),
	};
}

/** The keepsake of a chat completion: what the server sent beside its tool calls and needs back unchanged. */
export interface ChatKeepsake {
	/** `reasoning_content`. */
	readonly reasoning?: string;
	/** `reasoning_details`. */
	readonly details?: readonly unknown[];
	/** `extra_content` of each call. */
	readonly extras: ReadonlyArray<Readonly<Record<string, unknown>> | null>;
}

const nothingKept: ChatKeepsake = { extras: [] };

/** The parts of the keepsake that are still valid. `extras` are dropped if the tool calls were edited since. */
function keptIn({ keepsake, toolCalls }: AssistantMessage): ChatKeepsake {
	const reasoning = asString(at(keepsake?.content, 'reasoning'));
	const details = asArray(at(keepsake?.content, 'details'));
	const extras = (asArray(at(keepsake?.content, 'extras')) ?? []).map((extra) => asRecord(extra) ?? null);
	return {
		...(reasoning !== undefined && { reasoning }),
		...(details !== undefined && { details }),
		extras: extras.length === toolCalls.length ? extras : [],
	};
}

/** Text-only content is sent as a plain string, because many compatible servers accept nothing else. */
function userContent(parts: readonly Part[]): string | ContentPart[] {
	if (parts.every(({ kind }) => kind === 'text')) return textOf(parts);
	return parts.map((part) => (part.kind === 'text' ? { type: 'text', text: part.text } : attachmentPart(part)));
}

function attachmentPart({ kind, mimeType, base64, fileName }: Attachment): ContentPart {
	const url = `data:${mimeType};base64,${base64}`;
	switch (kind) {
		case 'image':
			return { type: 'image_url', image_url: { url } };
		case 'pdf':
			return { type: 'file', file: { filename: fileName, file_data: url } };
	}
}
