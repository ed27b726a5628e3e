/** The base URL without surrounding blanks and trailing slashes, so that a path can be appended. */
export function plainBaseUrl(baseUrl: string): string {
	const trimmed = baseUrl.trim();
	let end = trimmed.length;
	while (trimmed[end - 1] === '/') end -= 1;
	return trimmed.slice(0, end);
}
