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

/** Where servers differ in what they take as a history. */
export interface MessageDialect {
	readonly callIds: CallIdRule;
	/** The content of an assistant's message that holds calls only. */
	readonly contentBesideCalls: '' | null;
	/** Whether the user must speak first and last, and the assistant between a tool and the user. */
	readonly strictOrder: boolean;
	/** Whether reasoning came with the reply, and goes back where it came from. */
	readonly givesReasoningBack: boolean;
	/** What stands for the reasoning beside calls of other models, where the server wants some. */
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

/** What a tool gave back besides text: its own message takes only that, so the user brings the rest. */
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

/** Such servers know no mark for an error. */
function resultText({ parts, isError }: ToolMessage): string {
	const hasFiles = parts.some(({ kind }) => kind !== 'text');
	const text = textOf(parts) || (hasFiles ? 'The files follow in the next message.' : 'It gave nothing back.');
	return isError ? `The tool failed: ${text}` : text;
}

/** Mistral refuses a user's message right after a tool's. */
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

/** What a server of this kind sent beside its calls and wants back unchanged. */
export interface ChatKeepsake {
	/** `reasoning_content`. */
	readonly reasoning?: string;
	/** `reasoning_details`. */
	readonly details?: readonly unknown[];
	/** `extra_content` of each call. */
	readonly extras: ReadonlyArray<Readonly<Record<string, unknown>> | null>;
}

const nothingKept: ChatKeepsake = { extras: [] };

/** Extras of calls mean nothing where other calls stand now. */
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

/** A plain string where it can be one: many compatible servers take nothing else. */
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
