import { systemTextOf, textsIn } from '../../engine/conversation';
import type { CompletionRequest, DroppableParameter } from '../../engine/request';
import { formatInstructionBesideTools, joinInstructions } from '../conversation/instructions';
import { fitsStrictMode } from '../json/json-schema';

/** For each parameter that the model does not support: why it is left out. Supported parameters are absent. */
export type LeftOut = Readonly<Partial<Record<DroppableParameter, string>>>;

export function takes({ dropped }: CompletionRequest, leaveOut: LeftOut, parameter: DroppableParameter): boolean {
	return !dropped.includes(parameter) && leaveOut[parameter] === undefined;
}

/** Warnings for the user about parameters that were set but not sent. */
export function warningsOf({ settings, dropped }: CompletionRequest, leaveOut: LeftOut): readonly string[] {
	return (['temperature', 'reasoningEffort'] as const).flatMap((parameter) =>
		settings[parameter] !== undefined && !dropped.includes(parameter) ? (leaveOut[parameter] ?? []) : [],
	);
}

/** The JSON output format, which both of OpenAI's APIs use, each under a different parameter name. */
export type JsonFormat =
	| { readonly type: 'json_object' }
	| {
			readonly type: 'json_schema';
			readonly name: string;
			readonly schema: Record<string, unknown>;
			readonly strict: boolean;
	  };

export function jsonFormatOf({ content: { output } }: CompletionRequest): JsonFormat | undefined {
	switch (output.kind) {
		case 'text':
			return undefined;
		case 'json':
			return { type: 'json_object' };
		case 'jsonSchema':
			return {
				type: 'json_schema',
				name: 'answer',
				schema: { ...output.schema },
				strict: fitsStrictMode(output.schema),
			};
	}
}

/**
 * The system message. Includes the output format in words if no parameter is sent for it, or if the server may ignore
 * the parameter.
 */
export function instructionsOf(
	{ content }: CompletionRequest,
	format: JsonFormat | undefined,
	alwaysInWords: boolean,
): string {
	const saysJson = textsIn(content).some((text) => /json/i.test(text));
	// OpenAI rejects `json_object` unless the word JSON occurs in the messages.
	const inWords = alwaysInWords || format === undefined || (format.type === 'json_object' && !saysJson);
	return joinInstructions(systemTextOf(content), inWords ? formatInstructionBesideTools(content) : undefined);
}
