import type { GenerationConfig } from '@google/generative-ai';

import { systemTextOf, type OutputFormat } from '../../engine/conversation';
import type { CompletionRequest, ReasoningEffort } from '../../engine/request';
import { formatInstructionBesideTools, joinInstructions } from '../conversation/instructions';
import { wellFormed } from '../conversation/well-formed';
import { contentsOf, type GeminiContent } from './contents';
import { isGemini3OrLater } from './models';
import { toolsOf, type GeminiTools } from './tools';

/** Fields added to the API after the SDK's last release. The SDK sends unknown fields unchanged. */
interface GeminiConfig extends GenerationConfig {
	readonly responseJsonSchema?: Readonly<Record<string, unknown>>;
	readonly thinkingConfig?: { readonly thinkingLevel: ThinkingLevel };
}

type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

/** The body of `POST /v1beta/models/{model}:generateContent`. */
export interface GeminiRequest extends GeminiTools {
	readonly systemInstruction?: string;
	readonly contents: readonly GeminiContent[];
	readonly generationConfig: GeminiConfig;
}

export function toGeminiRequest({ content, settings, dropped }: CompletionRequest): GeminiRequest {
	const { model, temperature, reasoningEffort } = settings;
	// Models before Gemini 3 reject JSON mode together with tools.
	const inWords = dropped.includes('outputFormat') || (content.tools.length > 0 && !isGemini3OrLater(model));
	const system = joinInstructions(systemTextOf(content), inWords ? formatInstructionBesideTools(content) : undefined);
	const generationConfig: GeminiConfig = {
		...(!dropped.includes('maxOutputTokens') && { maxOutputTokens: settings.maxOutputTokens }),
		...(temperature !== undefined && !dropped.includes('temperature') && { temperature }),
		...(reasoningEffort !== undefined &&
			!dropped.includes('reasoningEffort') && { thinkingConfig: { thinkingLevel: thinkingLevelOf(reasoningEffort) } }),
		...(!inWords && formatOf(content.output)),
	};
	return wellFormed({
		...(system !== '' && { systemInstruction: system }),
		contents: contentsOf(content, model),
		...toolsOf(content),
		generationConfig,
	});
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
