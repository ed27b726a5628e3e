import { systemTextOf, textsIn } from '../../engine/conversation';
import type { CompletionRequest, DroppableParameter } from '../../engine/request';
import { formatInstructionBesideTools, joinInstructions } from '../conversation/instructions';
import { fitsStrictMode } from '../json/json-schema';

/** Why the model does not take a parameter; undefined when it does. */
export type LeftOut = Readonly<Partial<Record<DroppableParameter, string>>>;

export function takes({ dropped }: CompletionRequest, leaveOut: LeftOut, parameter: DroppableParameter): boolean {
	return !dropped.includes(parameter) && leaveOut[parameter] === undefined;
}

/** What the user should know of parameters that were set and not sent. */
export function warningsOf({ settings, dropped }: CompletionRequest, leaveOut: LeftOut): readonly string[] {
	return (['temperature', 'reasoningEffort'] as const).flatMap((parameter) =>
		settings[parameter] !== undefined && !dropped.includes(parameter) ? (leaveOut[parameter] ?? []) : [],
	);
}

/** The format that both of OpenAI's APIs know, each under its own name. */
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

/** The system message, with the format in words where no parameter says it or the server may pass over that. */
export function instructionsOf(
	{ content }: CompletionRequest,
	format: JsonFormat | undefined,
	alwaysInWords: boolean,
): string {
	const saysJson = textsIn(content).some((text) => /json/i.test(text));
	// `json_object` is refused unless the word JSON is somewhere in the messages.
	const inWords = alwaysInWords || format === undefined || (format.type === 'json_object' && !saysJson);
	return joinInstructions(systemTextOf(content), inWords ? formatInstructionBesideTools(content) : undefined);
}
