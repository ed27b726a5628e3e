import type { Content, GenerateContentRequest, GenerationConfig, Part } from '@google/generative-ai';

import type { CompletionRequest, OutputFormat, ReasoningEffort } from '../../engine/request';
import { formatInstruction, joinInstructions, repairTurn } from '../errors/wording';

/** Fields the API has gained since the SDK's last release; it sends what it does not know as it is. */
interface GeminiConfig extends GenerationConfig {
	readonly responseJsonSchema?: Readonly<Record<string, unknown>>;
	readonly thinkingConfig?: { readonly thinkingLevel: ThinkingLevel };
}

type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

/** The body of `POST /v1beta/models/{model}:generateContent`. */
export function toGeminiRequest({ content, settings, dropped, repair }: CompletionRequest): GenerateContentRequest {
	const { temperature, reasoningEffort } = settings;
	const inWords = dropped.includes('outputFormat');
	const system = joinInstructions(content.systemMessage, inWords ? formatInstruction(content.output) : undefined);
	const generationConfig: GeminiConfig = {
		...(!dropped.includes('maxOutputTokens') && { maxOutputTokens: settings.maxOutputTokens }),
		...(temperature !== undefined && !dropped.includes('temperature') && { temperature }),
		...(reasoningEffort !== undefined &&
			!dropped.includes('reasoningEffort') && { thinkingConfig: { thinkingLevel: thinkingLevelOf(reasoningEffort) } }),
		...(!inWords && formatOf(content.output)),
	};
	const files: Part[] = content.attachments.map(({ mimeType, base64 }) => ({ inlineData: { mimeType, data: base64 } }));
	return {
		...(system !== '' && { systemInstruction: system }),
		contents: [
			turn('user', ...files, { text: content.prompt }),
			...(repair === undefined
				? []
				: [turn('model', { text: repair.answer }), turn('user', { text: repairTurn(repair) })]),
		],
		generationConfig,
	};
}

function turn(role: 'user' | 'model', ...parts: Part[]): Content {
	return { role, parts };
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
