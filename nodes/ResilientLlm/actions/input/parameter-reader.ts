import type { INode } from 'n8n-workflow';

/** Returns a parameter's value for an item, by name; null if it is not set. */
export type ParameterReader = (name: string, itemIndex: number) => unknown;

/**
 * The functions for reading parameters that exist both in the context of a node's run and in that of an agent's model.
 */
export interface ParameterSource {
	getNode(): INode;
	getNodeParameter(name: string, itemIndex: number, fallback: unknown): unknown;
}

/**
 * Creates a reader that caches parameters without expressions, which are the same for all items. n8n would copy them
 * for each item again.
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
