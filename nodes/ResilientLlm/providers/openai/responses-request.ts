import type { OpenAI } from 'openai';

import type { AssistantMessage, Attachment, Part, ToolChoice, ToolMessage } from '../../engine/conversation';
import { textOf } from '../../engine/conversation';
import type { CompletionRequest } from '../../engine/request';
import { withFittingIds, type CallIdRule } from '../conversation/call-ids';
import { distinctTools } from '../conversation/tool-names';
import { turnsOf, type Turn } from '../conversation/turns';
import { wellFormed } from '../conversation/well-formed';
import { at } from '../json/json-path';
import { instructionsOf, jsonFormatOf, takes, warningsOf, type LeftOut } from './parameters';
import { isKept, messageText, type OutputItem } from './responses-items';
import { functionOf, sentArguments, sentName } from './tools';

type ResponsesRequest = OpenAI.Responses.ResponseCreateParamsNonStreaming;
type InputItem = OpenAI.Responses.ResponseInputItem;
type InputPart = OpenAI.Responses.ResponseInputText | OpenAI.Responses.ResponseInputImage | InputFile;
type InputFile = OpenAI.Responses.ResponseInputFile;

export interface ResponsesCall {
	readonly body: ResponsesRequest;
	readonly warnings: readonly string[];
}

const callIds: CallIdRule = { allowed: /^[\x21-\x7e]+$/, maxLength: 64 };

/** The API rejects a lower `max_output_tokens`. */
const fewestTokens = 16;

/**
 * Builds a call of `POST /responses`. OpenAI is told to store nothing, so the model's encrypted reasoning is sent along
 * with the conversation.
 */
export function toResponsesCall(request: CompletionRequest, leaveOut: LeftOut): ResponsesCall {
	const { content, settings } = request;
	const { temperature, reasoningEffort } = settings;
	const format = takes(request, leaveOut, 'outputFormat') ? jsonFormatOf(request) : undefined;
	const system = instructionsOf(request, format, false);
	const effort = takes(request, leaveOut, 'reasoningEffort') ? reasoningEffort : undefined;
	return {
		body: wellFormed({
			model: settings.model,
			input: [
				...(system === '' ? [] : [{ role: 'developer' as const, content: system }]),
				...withFittingIds(turnsOf(content.messages), callIds).flatMap(itemsOf),
			],
			max_output_tokens: Math.max(settings.maxOutputTokens, fewestTokens),
			store: false,
			include: ['reasoning.encrypted_content' as const],
			...(temperature !== undefined && takes(request, leaveOut, 'temperature') && { temperature }),
			...(effort !== undefined && { reasoning: { effort } }),
			...(format !== undefined && { text: { format } }),
			...(content.tools.length > 0 && {
				// By default the API applies its strict mode to every schema and rejects most of them.
				tools: distinctTools(content.tools).map((tool) => ({
					type: 'function' as const,
					...functionOf(tool),
					strict: false,
				})),
				...choiceOf(content.toolChoice),
			}),
		}),
		warnings: warningsOf(request, leaveOut),
	};
}

/** `auto` is the API's default, so it is not sent. */
function choiceOf(choice: ToolChoice): Pick<ResponsesRequest, 'tool_choice'> {
	switch (choice.kind) {
		case 'auto':
			return {};
		case 'tool':
			return { tool_choice: { type: 'function', name: sentName(choice.name) } };
		default:
			return { tool_choice: choice.kind };
	}
}

function itemsOf(turn: Turn): InputItem[] {
	switch (turn.role) {
		case 'user':
			return [{ role: 'user', content: contentOf(turn.parts) }];
		case 'assistant':
			return keptItems(turn) ?? ownItems(turn);
		case 'results':
			return turn.results.map((result) => ({
				type: 'function_call_output',
				call_id: result.callId,
				output: outputOf(result),
			}));
	}
}

function ownItems({ text, toolCalls }: AssistantMessage): InputItem[] {
	return [...(text.trim() === '' ? [] : [{ role: 'assistant' as const, content: text }]), ...toolCalls.map(callItem)];
}

/** The item's own ID is left out, because the API would then require the reasoning item that came before it. */
function callItem(call: AssistantMessage['toolCalls'][number]): InputItem {
	return { type: 'function_call', call_id: call.id, name: sentName(call.name), arguments: sentArguments(call) };
}

/**
 * The items as the API sent them, with the reasoning in its place, from the turn's keepsake (data of a reply that must
 * go back to its model unchanged). Undefined if the text or the calls were edited since, as agents may do: reasoning is
 * only accepted before the output it led to.
 */
function keptItems(turn: AssistantMessage): InputItem[] | undefined {
	const kept = at(turn.keepsake?.content, 'items');
	if (!Array.isArray(kept) || !kept.every(isKept)) return undefined;
	const items: readonly OutputItem[] = kept;
	const calledIds = items.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
	const isSame =
		messageText(items) === turn.text && calledIds.join(' ') === turn.toolCalls.map(({ id }) => id).join(' ');
	if (!isSame) return undefined;
	const calls = new Map(turn.toolCalls.map((call) => [call.id, call]));
	return items.map((item) => {
		const call = item.type === 'function_call' ? calls.get(item.call_id) : undefined;
		return call === undefined ? (item as unknown as InputItem) : callItem(call);
	});
}

/** The API has no field that marks a tool result as an error, so the text says so. */
function outputOf({ parts, isError }: ToolMessage): string | InputPart[] {
	const content = parts.length === 0 ? 'It gave nothing back.' : contentOf(parts);
	if (!isError) return content;
	return typeof content === 'string'
		? `The tool failed: ${content}`
		: [{ type: 'input_text', text: 'The tool failed:' }, ...content];
}

function contentOf(parts: readonly Part[]): string | InputPart[] {
	if (parts.every(({ kind }) => kind === 'text')) return textOf(parts);
	return parts.map((part) => (part.kind === 'text' ? { type: 'input_text', text: part.text } : filePart(part)));
}

function filePart({ kind, mimeType, base64, fileName }: Attachment): InputPart {
	const url = `data:${mimeType};base64,${base64}`;
	switch (kind) {
		case 'image':
			return { type: 'input_image', image_url: url, detail: 'auto' };
		case 'pdf':
			return { type: 'input_file', filename: fileName, file_data: url };
	}
}
