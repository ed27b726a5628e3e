/** Whether the text matches at least one of the patterns. */
export function says(text: string, patterns: readonly RegExp[]): boolean {
	return patterns.some((pattern) => pattern.test(text));
}
