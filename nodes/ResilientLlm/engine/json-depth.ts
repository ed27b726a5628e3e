/**
 * How many lists and objects may lie within each other in JSON that somebody else wrote. `JSON.stringify`, n8n and most
 * of what walks through JSON recurse, and a few thousand levels end their stack; nobody means more than a few dozen.
 */
export const deepestJson = 200;

/** Whether lists and objects lie within each other more than `levels` deep. */
export function isDeeperThan(levels: number, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	if (levels === 0) return true;
	return Object.values(value).some((part) => isDeeperThan(levels - 1, part));
}

/** The same for JSON that is still text, which takes a tenth of the time. */
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
