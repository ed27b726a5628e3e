/**
 * Cuts a text to at most `most` UTF-16 code units, including the ellipsis that marks the cut. Never splits a character.
 */
export function cut(text: string, most: number): string {
	if (text.length <= most) return text;
	return `${text
		.slice(0, most - 1)
		.replace(/[\uD800-\uDBFF]$/, '')
		.trimEnd()}…`;
}
