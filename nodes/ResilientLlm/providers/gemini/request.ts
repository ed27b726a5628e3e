import type { Content, GenerateContentRequest, GenerationConfig, Part } from '@google/generative-ai';

import { systemTextOf, type OutputFormat, type Part as MessagePart } from '../../engine/conversation';
import type { CompletionRequest, ReasoningEffort } from '../../engine/request';
import { turnsOf, type Turn } from '../conversation/turns';
import { formatInstruction, joinInstructions } from '../conversation/instructions';

/** Fields the API has gained since the SDK's last release; it sends what it does not know as it is. */
interface GeminiConfig extends GenerationConfig {
	readonly responseJsonSchema?: Readonly<Record<string, unknown>>;
	readonly thinkingConfig?: { readonly thinkingLevel: ThinkingLevel };
}

type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

/** The body of `POST /v1beta/models/{model}:generateContent`. */
export function toGeminiRequest({ content, settings, dropped }: CompletionRequest): GenerateContentRequest {
	const { temperature, reasoningEffort } = settings;
	const inWords = dropped.includes('outputFormat');
	const system = joinInstructions(systemTextOf(content), inWords ? formatInstruction(content.output) : undefined);
	const generationConfig: GeminiConfig = {
		...(!dropped.includes('maxOutputTokens') && { maxOutputTokens: settings.maxOutputTokens }),
		...(temperature !== undefined && !dropped.includes('temperature') && { temperature }),
		...(reasoningEffort !== undefined &&
			!dropped.includes('reasoningEffort') && { thinkingConfig: { thinkingLevel: thinkingLevelOf(reasoningEffort) } }),
		...(!inWords && formatOf(content.output)),
	};
	return {
		...(system !== '' && { systemInstruction: system }),
		contents: turnsOf(content.messages).flatMap(contentOf),
		generationConfig,
	};
}

function contentOf(turn: Turn): Content[] {
	switch (turn.role) {
		case 'user':
			return [{ role: 'user', parts: turn.parts.map(partOf) }];
		case 'assistant':
			return [{ role: 'model', parts: [{ text: turn.text }] }];
		case 'results':
			return [];
	}
}

function partOf(part: MessagePart): Part {
	if (part.kind === 'text') return { text: part.text };
	return { inlineData: { mimeType: part.mimeType, data: part.base64 } };
}

function formatOf(output: OutputFormat): Pick<GeminiConfig, 'responseMimeType' | 'responseJsonSchema'> {
	switch (output.kind) {
		case 'text':
			return {};
		case 'json':
			return { responseMimeType: 'application/json' };
		case 'jsonSchema':
			return { responseMimeType: 'application/json', responseJsonSchema: output.schema };
	}
}

function thinkingLevelOf(effort: ReasoningEffort): ThinkingLevel {
	switch (effort) {
		case 'none':
		case 'minimal':
			return 'MINIMAL';
		case 'low':
			return 'LOW';
		case 'medium':
			return 'MEDIUM';
		case 'high':
		case 'xhigh':
		case 'max':
			return 'HIGH';
	}
}
