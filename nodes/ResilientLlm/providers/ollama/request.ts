import { systemTextOf, textOf, type OutputFormat } from '../../engine/conversation';
import type { CompletionRequest, ReasoningEffort } from '../../engine/request';
import { turnsOf, type Turn } from '../conversation/turns';
import { formatInstruction, joinInstructions } from '../conversation/instructions';

interface OllamaMessage {
	readonly role: 'system' | 'user' | 'assistant';
	readonly content: string;
	/** Base64, never a path: Ollama's own client would read a file that a string names. */
	readonly images?: readonly string[];
}

/** The body of `POST /api/chat`. */
export interface OllamaRequest {
	readonly model: string;
	readonly messages: readonly OllamaMessage[];
	readonly stream: false;
	/** Without these two, Ollama drops the front of a prompt that does not fit, and answers the rest. */
	readonly truncate: false;
	readonly shift: false;
	readonly options: { readonly num_ctx?: number; readonly num_predict?: number; readonly temperature?: number };
	readonly format?: 'json' | Readonly<Record<string, unknown>>;
	readonly think?: false | 'low' | 'medium' | 'high';
}

export function toOllamaRequest({ content, settings, dropped }: CompletionRequest): OllamaRequest {
	const { temperature, reasoningEffort, contextWindow } = settings;
	// A grammar without words makes small models write blanks until the limit, so the format is asked for both ways.
	const system = joinInstructions(systemTextOf(content), formatInstruction(content.output));
	const format = dropped.includes('outputFormat') ? undefined : formatOf(content.output);
	return {
		model: settings.model,
		messages: [
			...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
			...turnsOf(content.messages).flatMap(messageOf),
		],
		stream: false,
		truncate: false,
		shift: false,
		options: {
			...(contextWindow !== undefined && { num_ctx: contextWindow }),
			...(!dropped.includes('maxOutputTokens') && { num_predict: settings.maxOutputTokens }),
			...(temperature !== undefined && !dropped.includes('temperature') && { temperature }),
		},
		...(format !== undefined && { format }),
		...(reasoningEffort !== undefined && !dropped.includes('reasoningEffort') && { think: thinkOf(reasoningEffort) }),
	};
}

function messageOf(turn: Turn): OllamaMessage[] {
	switch (turn.role) {
		case 'user': {
			const images = turn.parts.flatMap((part) => (part.kind === 'text' ? [] : [part.base64]));
			return [{ role: 'user', content: textOf(turn.parts), ...(images.length > 0 && { images }) }];
		}
		case 'assistant':
			return [{ role: 'assistant', content: turn.text }];
		case 'results':
			return [];
	}
}

function formatOf(output: OutputFormat): OllamaRequest['format'] {
	switch (output.kind) {
		case 'text':
			return undefined;
		case 'json':
			return 'json';
		case 'jsonSchema':
			return output.schema;
	}
}

function thinkOf(effort: ReasoningEffort): false | 'low' | 'medium' | 'high' {
	switch (effort) {
		case 'none':
			return false;
		case 'minimal':
		case 'low':
			return 'low';
		case 'medium':
			return 'medium';
		case 'high':
		case 'xhigh':
		case 'max':
			return 'high';
	}
}
