import { createHash } from 'node:crypto';

import type { Tool } from '../../engine/conversation';

/** Which names of tools a vendor takes. What letters, digits and `_` make, beginning with a letter or `_`, must fit. */
export interface ToolNameRule {
	readonly allowed: RegExp;
	readonly maxLength: number;
}

/** A tool's name as it is sent: one that fits stays as it is, another gets one made of it, the same in every request. */
export function fittingName(name: string, { allowed, maxLength }: ToolNameRule): string {
	if (allowed.test(name) && name.length <= maxLength) return name;
	const mark = createHash('sha256').update(name).digest('hex').slice(0, 8);
	const legible = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?![a-zA-Z_])/, '_');
	return `${legible.slice(0, maxLength - mark.length - 1)}_${mark}`;
}

/** The tool that a model means by the name it was sent. A name that was not sent stays as it is. */
export function ownName(sent: string, tools: readonly Tool[], rule: ToolNameRule): string {
	return tools.find(({ name }) => fittingName(name, rule) === sent)?.name ?? sent;
}

/** Each name once, as vendors refuse one that comes twice; agents hand over their tools as they find them. */
export function distinctTools(tools: readonly Tool[]): readonly Tool[] {
	return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}
