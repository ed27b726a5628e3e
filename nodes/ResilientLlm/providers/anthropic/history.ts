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

/** The pattern is the API's; its length is nowhere stated, and 64 characters are what every client keeps to. */
const idRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

const silentFailure = 'The tool failed and gave no reason.';

export interface History {
	readonly messages: SentMessage[];
	/** Some message holds what its model thought. */
	readonly holdsThinking: boolean;
}

/** What was said, with `wish` at its end. Thinking comes back to the model that thought it, if it may. */
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

/** Results and what the user says next are one message, the results first. */
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
 * The turn as the server sent it, which is the only form in which it takes its thinking back. Undefined when there is
 * none, or when somebody has changed the turn since: what the history says counts.
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

/** Models write blank texts, and their servers do not take them back. */
function isBlank(block: unknown): boolean {
	return at(block, 'type') === 'text' && (asString(at(block, 'text')) ?? '').trim() === '';
}

/** Files of a failed call stand after all results, as a failure may hold text alone. */
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
