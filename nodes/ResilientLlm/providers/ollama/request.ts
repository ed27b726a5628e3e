import { systemTextOf, type OutputFormat } from '../../engine/conversation';
import type { CompletionRequest, ReasoningEffort } from '../../engine/request';
import { formatInstructionBesideTools, joinInstructions } from '../conversation/instructions';
import { wellFormed } from '../conversation/well-formed';
import { messagesOf, type OllamaMessage } from './messages';
import { choiceInstruction, ollamaTool, toolsOnOffer, type OllamaTool } from './tools';

/** The body of `POST /api/chat`. */
export interface OllamaRequest {
	readonly model: string;
	readonly messages: readonly OllamaMessage[];
	readonly tools?: readonly OllamaTool[];
	readonly stream: false;
	/** If these two are not false, Ollama silently drops the beginning of a prompt that does not fit. */
	readonly truncate: false;
	readonly shift: false;
	readonly options: { readonly num_ctx?: number; readonly num_predict?: number; readonly temperature?: number };
	readonly format?: 'json' | Readonly<Record<string, unknown>>;
	readonly think?: false | 'low' | 'medium' | 'high';
}

export function toOllamaRequest({ content, settings, dropped }: CompletionRequest): OllamaRequest {
	const { temperature, reasoningEffort, contextWindow } = settings;
	// The format is asked for as a parameter and in words: with the parameter alone, small models may write blanks up to
	// the limit.
	const tools = toolsOnOffer(content);
	const system = joinInstructions(
		systemTextOf(content),
		choiceInstruction(content),
		formatInstructionBesideTools({ output: content.output, tools }),
	);
	// Not together with tools: the format would apply to the whole answer and so prevent tool calls.
	const format = dropped.includes('outputFormat') || tools.length > 0 ? undefined : formatOf(content.output);
	return wellFormed({
		model: settings.model,
		messages: [...(system === '' ? [] : [{ role: 'system' as const, content: system }]), ...messagesOf(content)],
		...(tools.length > 0 && { tools: tools.map(ollamaTool) }),
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
	});
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
