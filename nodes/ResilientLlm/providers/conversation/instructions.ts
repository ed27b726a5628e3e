import type { Conversation, OutputFormat } from '../../engine/conversation';

/**
 * An instruction that asks for the output format in words, for servers without a parameter for it. Undefined for plain
 * text.
 */
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

/** The same for requests with tools: the instruction then applies to the final answer only, not to tool calls. */
export function formatInstructionBesideTools({
	output,
	tools,
}: Pick<Conversation, 'output' | 'tools'>): string | undefined {
	const instruction = formatInstruction(output);
	if (instruction === undefined || tools.length === 0) return instruction;
	return `When you call no tool, this holds for your answer: ${instruction}`;
}

/** Joins the system message and instructions with blank lines between them; undefined and empty parts are skipped. */
export function joinInstructions(...parts: ReadonlyArray<string | undefined>): string {
	return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
