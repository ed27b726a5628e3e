/**
 * Whether a model is of Gemini 3 or later: it gives its calls IDs, wants the signatures of its thoughts back, reads
 * files in a tool's result, and answers in JSON beside tools. `gemini-flash-latest` and its like are. Of a model that
 * goes by another name nothing is known, and the older rules work with every one.
 */
export function isGemini3OrLater(model: string): boolean {
	const name = /(?:^|\/)gemini-([^/]*)$/.exec(model)?.[1];
	return name !== undefined && (Number.parseInt(name, 10) >= 3 || name.endsWith('latest'));
}
