/**
 * Whether a model is Gemini 3 or later; `gemini-flash-latest` and similar names count. Such models give tool calls IDs,
 * need their thought signatures back, accept files in tool results, and support JSON output together with tools.
 * Unknown names return false: the older rules work with every model.
 */
export function isGemini3OrLater(model: string): boolean {
	const name = /(?:^|\/)gemini-([^/]*)$/.exec(model)?.[1];
	return name !== undefined && (Number.parseInt(name, 10) >= 3 || name.endsWith('latest'));
}
