import type { OutputFormat } from '../../engine/conversation';

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

/** The system message with an instruction after it. */
export function joinInstructions(...parts: ReadonlyArray<string | undefined>): string {
	return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
