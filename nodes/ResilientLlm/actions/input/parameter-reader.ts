import type { INode } from 'n8n-workflow';

/** A parameter's value for an item, by its name; null when it is not set. */
export type ParameterReader = (name: string, itemIndex: number) => unknown;

/** What a node's run and an agent's model tell alike of the node's parameters. */
export interface ParameterSource {
	getNode(): INode;
	getNodeParameter(name: string, itemIndex: number, fallback: unknown): unknown;
}

/**
 * Reads what holds for all items once. n8n evaluates only text that begins with "="; the rest it copies for each item
 * anew.
 */
export function createParameterReader(context: ParameterSource): ParameterReader {
	const { parameters } = context.getNode();
	const constants = new Map<string, { readonly value: unknown }>();
	return (name, itemIndex) => {
		const known = constants.get(name);
		if (known !== undefined) return known.value;
		const value: unknown = context.getNodeParameter(name, itemIndex, null);
		const [top = name] = name.split('.');
		if (parameters[top] !== undefined && !holdsExpression(parameters[top])) constants.set(name, { value });
		return value;
	};
}

function holdsExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	return typeof value === 'object' && value !== null && Object.values(value).some(holdsExpression);
}
