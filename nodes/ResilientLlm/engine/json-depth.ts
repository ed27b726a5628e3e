/**
 * Maximum nesting depth of untrusted JSON. `JSON.stringify`, n8n and most other code that walks JSON is recursive, so a
 * few thousand levels overflow the stack. Real data has a few dozen.
 */
export const deepestJson = 200;

/** Whether arrays and objects are nested more than `levels` deep. */
export function isDeeperThan(levels: number, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	if (levels === 0) return true;
	return Object.values(value).some((part) => isDeeperThan(levels - 1, part));
}

/** The same for JSON text, without parsing it, in about a tenth of the time. */
export function isTextDeeperThan(levels: number, json: string): boolean {
	let depth = 0;
	let isInString = false;
	for (let at = 0; at < json.length; at += 1) {
		const sign = json[at];
		if (sign === '"') isInString = !isInString;
		else if (isInString) at += sign === '\\' ? 1 : 0;
		else if (sign === '[' || sign === '{') depth += 1;
		else if (sign === ']' || sign === '}') depth -= 1;
		if (depth > levels) return true;
	}
	return false;
}
