import type { OutputFormat, Repair } from '../../engine/request';

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

/** The turn that shows a model what was wrong with its answer. */
export function repairTurn(repair: Repair): string {
	const problems = repair.problems.map((problem) => `- ${problem}`).join('\n');
	return `Your answer cannot be used:\n${problems}\nGive the whole answer again with this put right, and nothing else.`;
}

/** The system message with an instruction after it. */
export function joinInstructions(...parts: ReadonlyArray<string | undefined>): string {
	return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
