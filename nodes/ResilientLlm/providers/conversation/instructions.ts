import type { Conversation, OutputFormat } from '../../engine/conversation';

/** Asks for the output format in words, for a server that has no parameter for it. Undefined for plain text. */
export function formatInstruction(output: OutputFormat): string | undefined {
	switch (output.kind) {
		case 'text':
			return undefined;
		case 'json':
			return 'Answer with one valid JSON value only: no explanation, no Markdown.';
		case 'jsonSchema':
			return `Answer with one JSON value only, no explanation, no Markdown. It must match this JSON Schema:\n${JSON.stringify(output.schema)}`;
	}
}

/** The same where tools are on offer: what the model says to a tool is no answer. */
export function formatInstructionBesideTools({
	output,
	tools,
}: Pick<Conversation, 'output' | 'tools'>): string | undefined {
	const instruction = formatInstruction(output);
	if (instruction === undefined || tools.length === 0) return instruction;
	return `When you call no tool, this holds for your answer: ${instruction}`;
}

/** The system message with an instruction after it. */
export function joinInstructions(...parts: ReadonlyArray<string | undefined>): string {
	return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
