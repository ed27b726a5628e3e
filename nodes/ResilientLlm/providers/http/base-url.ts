/** A base URL without the blanks around it and the slashes at its end, so that a path can follow it. */
export function plainBaseUrl(baseUrl: string): string {
	const trimmed = baseUrl.trim();
	let end = trimmed.length;
	while (trimmed[end - 1] === '/') end -= 1;
	return trimmed.slice(0, end);
}
