import { isDeepStrictEqual } from 'node:util';

import type { Anthropic } from '@anthropic-ai/sdk';

import type { AssistantMessage, Attachment, Message, Part, ToolMessage } from '../../engine/conversation';
import { argumentsOf } from '../conversation/call-arguments';
import { withFittingIds } from '../conversation/call-ids';
import { betweenUserTurns, turnsOf } from '../conversation/turns';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';
import { answerText, isThinking } from './reply';
import { sentName } from './tools';

type Block = Anthropic.Messages.ContentBlockParam;
type SentMessage = Anthropic.Messages.MessageParam;

/** The pattern comes from the API. It documents no maximum length; other clients use 64 characters, and so do we. */
const idRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

const silentFailure = 'The tool failed and gave no reason.';

export interface History {
	readonly messages: SentMessage[];
	/** True if at least one message contains thinking blocks. */
	readonly holdsThinking: boolean;
}

/**
 * Converts the conversation into Anthropic's messages and appends `wish` to the last user message. An assistant turn's
 * thinking blocks are sent back only if `givesThinkingBack` is true. They come from the turn's keepsake: data of a
 * reply that only the model that wrote it can use and that must be sent back unchanged.
 */
export function historyOf(
	said: readonly Message[],
	{ givesThinkingBack, wish }: { readonly givesThinkingBack: boolean; readonly wish: string | undefined },
): History {
	const messages: SentMessage[] = [];
	let holdsThinking = false;
	for (const turn of withFittingIds(betweenUserTurns(turnsOf(said)), idRule)) {
		switch (turn.role) {
			case 'user':
				addToUser(messages, turn.parts.map(partBlock));
				break;
			case 'results':
				addToUser(messages, resultBlocks(turn.results));
				break;
			case 'assistant': {
				const kept = givesThinkingBack ? asReceived(turn) : undefined;
				holdsThinking ||= kept !== undefined;
				messages.push({ role: 'assistant', content: kept ?? ownContent(turn) });
			}
		}
	}
	if (wish !== undefined) addToUser(messages, [{ type: 'text', text: wish }]);
	return { messages, holdsThinking };
}

/** Tool results and the user text that follows them are put into one user message, results first. */
function addToUser(messages: SentMessage[], blocks: readonly Block[]): void {
	const last = messages.at(-1);
	if (last?.role === 'user' && typeof last.content !== 'string') last.content.push(...blocks);
	else messages.push({ role: 'user', content: [...blocks] });
}

function ownContent({ text, toolCalls }: AssistantMessage): string | Block[] {
	if (toolCalls.length === 0) return text;
	const calls = toolCalls.map((call): Block => ({
		type: 'tool_use',
		id: call.id,
		name: sentName(call.name),
		input: argumentsOf(call.argumentsText),
	}));
	return text.trim() === '' ? calls : [{ type: 'text', text }, ...calls];
}

/**
 * The blocks of the turn exactly as the server sent them, taken from its keepsake: the server accepts its thinking
 * blocks only unchanged. Undefined if there are no thinking blocks, or if the turn's text or tool calls were edited
 * since; then the edited history is sent, without the thinking.
 */
function asReceived(turn: AssistantMessage): Block[] | undefined {
	const blocks = asArray(turn.keepsake?.content);
	if (blocks?.some(isThinking) !== true || answerText(blocks).trim() !== turn.text.trim()) return undefined;
	const sent = blocks.filter((block) => at(block, 'type') === 'tool_use');
	const fits =
		sent.length === turn.toolCalls.length &&
		turn.toolCalls.every(
			(call, index) =>
				at(sent[index], 'id') === call.id &&
				at(sent[index], 'name') === sentName(call.name) &&
				isDeepStrictEqual(at(sent[index], 'input'), argumentsOf(call.argumentsText)),
		);
	return fits ? (blocks.filter((block) => !isBlank(block)) as Block[]) : undefined;
}

/** Models sometimes write blank text blocks, but the API rejects them when they are sent back. */
function isBlank(block: unknown): boolean {
	return at(block, 'type') === 'text' && (asString(at(block, 'text')) ?? '').trim() === '';
}

/** An error result may hold only text, so the files of failed calls are appended after all results. */
function resultBlocks(results: readonly ToolMessage[]): readonly Block[] {
	const told = results.map(({ callId, parts, isError }): Block => {
		if (!isError) return { type: 'tool_result', tool_use_id: callId, content: parts.map(partBlock) };
		const texts = parts.filter((part) => part.kind === 'text').map(partBlock);
		const content = texts.length > 0 ? texts : [{ type: 'text' as const, text: silentFailure }];
		return { type: 'tool_result', tool_use_id: callId, content, is_error: true };
	});
	const files = results.flatMap(({ parts, isError }) => (isError ? parts.filter(({ kind }) => kind !== 'text') : []));
	return [...told, ...files.map(partBlock)];
}

type PartBlock =
	Anthropic.Messages.TextBlockParam | Anthropic.Messages.ImageBlockParam | Anthropic.Messages.DocumentBlockParam;

function partBlock(part: Part): PartBlock {
	return part.kind === 'text' ? { type: 'text', text: part.text } : attachmentBlock(part);
}

function attachmentBlock({ kind, mimeType, base64, fileName }: Attachment): PartBlock {
	switch (kind) {
		case 'image':
			return {
				type: 'image',
				source: {
					type: 'base64',
					media_type: mimeType as Anthropic.Messages.Base64ImageSource['media_type'],
					data: base64,
				},
			};
		case 'pdf':
			return {
				type: 'document',
				source: { type: 'base64', media_type: 'application/pdf', data: base64 },
				title: fileName,
			};
	}
}
