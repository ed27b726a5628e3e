import type { CompletionRequest, OutputFormat, ReasoningEffort } from '../../engine/request';
import { formatInstruction, joinInstructions, repairTurn } from '../errors/wording';

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

export function toOllamaRequest({ content, settings, dropped, repair }: CompletionRequest): OllamaRequest {
	const { temperature, reasoningEffort, contextWindow } = settings;
	// A grammar without words makes small models write blanks until the limit, so the format is asked for both ways.
	const system = joinInstructions(content.systemMessage, formatInstruction(content.output));
	const images = content.attachments.map(({ base64 }) => base64);
	const format = dropped.includes('outputFormat') ? undefined : formatOf(content.output);
	return {
		model: settings.model,
		messages: [
			...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
			{ role: 'user', content: content.prompt, ...(images.length > 0 && { images }) },
			...(repair === undefined
				? []
				: [
						{ role: 'assistant' as const, content: repair.answer },
						{ role: 'user' as const, content: repairTurn(repair) },
					]),
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
