/** Whether one of these patterns is in the text. */
export function says(text: string, patterns: readonly RegExp[]): boolean {
	return patterns.some((pattern) => pattern.test(text));
}
