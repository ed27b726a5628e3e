import type { Anthropic } from '@anthropic-ai/sdk';

import { systemTextOf } from '../../engine/conversation';
import type { CompletionRequest, ModelSettings } from '../../engine/request';
import { formatInstructionBesideTools, joinInstructions } from '../conversation/instructions';
import { wellFormed } from '../conversation/well-formed';
import { historyOf } from './history';
import { takesNoEffort, takesTemperature, thinkingReturnOf } from './models';
import { offeredTools } from './tools';

type MessagesRequest = Omit<Anthropic.Messages.MessageCreateParamsNonStreaming, 'thinking'> & {
	readonly temperature?: number;
	readonly thinking?: Anthropic.Beta.Messages.BetaThinkingConfigAdaptive;
};
type Effort = NonNullable<Anthropic.Messages.OutputConfig['effort']>;

export interface MessagesCall {
	readonly body: MessagesRequest;
	readonly headers: Readonly<Record<string, string>>;
	readonly warnings: readonly string[];
}

/** The API version that the SDK is written for. It accepts no sampling parameters such as temperature. */
const currentVersion = '2026-10-21';

/** The last API version that accepts a temperature. Used for models up to 4.6. */
const versionWithTemperature = '2023-06-01';

/**
 * Some models reject a thinking block unless it follows exactly the conversation in which it was written. Agents do
 * edit their histories, so these settings tell the server to drop such blocks instead of rejecting the request.
 */
const leavesOutMisplacedThinking = {
	thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } },
	headers: { 'anthropic-beta': 'thinking-binding-controls-2026-08-01' },
} as const;

/**
 * Builds the call of `POST /v1/messages`. `schema` is the output schema in the form the API accepts. If it is undefined
 * and JSON is wanted, the instructions ask for it: the API has no JSON mode without a schema.
 */
export function toMessagesCall(
	request: CompletionRequest,
	schema: Readonly<Record<string, unknown>> | undefined,
): MessagesCall {
	const { content, settings } = request;
	const { temperature, effort, warnings } = sampling(request);
	const { tools, choice, wish } = offeredTools(content, settings.model);
	const system = joinInstructions(
		systemTextOf(content),
		schema === undefined ? formatInstructionBesideTools(content) : undefined,
	);
	const outputConfig: Anthropic.Messages.OutputConfig = {
		...(effort !== undefined && { effort }),
		...(schema !== undefined && { format: { type: 'json_schema', schema: { ...schema } } }),
	};
	const thinkingReturn = request.dropped.includes('reasoningEffort') ? 'never' : thinkingReturnOf(settings.model);
	const { messages, holdsThinking } = historyOf(content.messages, {
		givesThinkingBack: thinkingReturn !== 'never',
		wish,
	});
	const leavesOut = holdsThinking && thinkingReturn === 'ifUnchanged' ? leavesOutMisplacedThinking : undefined;
	return {
		body: wellFormed({
			model: settings.model,
			max_tokens: settings.maxOutputTokens,
			...(system.trim() !== '' && { system }),
			messages,
			...(tools.length > 0 && { tools: [...tools] }),
			...(choice !== undefined && { tool_choice: choice }),
			...(leavesOut !== undefined && { thinking: leavesOut.thinking }),
			...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
			...(temperature !== undefined && { temperature }),
		}),
		headers: {
			'anthropic-version': temperature === undefined ? currentVersion : versionWithTemperature,
			...leavesOut?.headers,
		},
		warnings: [
			...warnings,
			...(wish === undefined ? [] : [`${settings.model} cannot be forced to call a tool; it was asked to in words`]),
		],
	};
}

interface Sampling {
	readonly temperature: number | undefined;
	readonly effort: Effort | undefined;
	readonly warnings: readonly string[];
}

function sampling({ settings, dropped }: CompletionRequest): Sampling {
	const wanted: ModelSettings['temperature'] = dropped.includes('temperature') ? undefined : settings.temperature;
	const wantedEffort = dropped.includes('reasoningEffort') ? undefined : settings.reasoningEffort;
	const { model } = settings;
	const warnings: string[] = [];

	let temperature = wanted;
	if (wanted !== undefined && !takesTemperature.test(model)) {
		temperature = undefined;
		warnings.push(`${model} takes no temperature; it was left out`);
	} else if (wanted !== undefined && wanted > 1) {
		temperature = 1;
		warnings.push(`Anthropic takes temperatures up to 1; ${wanted} was sent as 1`);
	}

	let effort: Effort | undefined;
	if (wantedEffort !== undefined && takesNoEffort.test(model)) {
		warnings.push(`${model} takes no reasoning effort; it was left out`);
	} else if (wantedEffort === 'none' || wantedEffort === 'minimal') {
		effort = 'low';
		warnings.push(`Anthropic has no reasoning effort "${wantedEffort}"; "low" was sent`);
	} else {
		effort = wantedEffort;
	}
	return { temperature, effort, warnings };
}
