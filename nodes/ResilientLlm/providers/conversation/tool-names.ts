import { createHash } from 'node:crypto';

import type { Tool } from '../../engine/conversation';

/**
 * Which tool names a vendor accepts. Names of letters, digits and `_` that start with a letter or `_` must be allowed,
 * because replaced names have this form.
 */
export interface ToolNameRule {
	readonly allowed: RegExp;
	readonly maxLength: number;
}

/**
 * A tool's name in the form that the vendor accepts. A valid name is kept; any other is replaced by one that ends in a
 * hash of the original, so that it is the same in every request.
 */
export function fittingName(name: string, { allowed, maxLength }: ToolNameRule): string {
	if (allowed.test(name) && name.length <= maxLength) return name;
	const mark = createHash('sha256').update(name).digest('hex').slice(0, 8);
	const legible = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?![a-zA-Z_])/, '_');
	return `${legible.slice(0, maxLength - mark.length - 1)}_${mark}`;
}

/** The reverse: the original name of the tool that was offered as `sent`. An unknown name is returned as it is. */
export function ownName(sent: string, tools: readonly Tool[], rule: ToolNameRule): string {
	return tools.find(({ name }) => fittingName(name, rule) === sent)?.name ?? sent;
}

/** Removes tools with a repeated name, keeping the last: vendors reject duplicates, and agents may pass them. */
export function distinctTools(tools: readonly Tool[]): readonly Tool[] {
	return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}
