import type { INodeProperties } from 'n8n-workflow';

import { generateProperties } from './generate';

/** Everything the user sees, in screen order. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		// Shown as soon as there is more than one to choose from.
		type: 'hidden',
		noDataExpression: true,
		default: 'completion',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'hidden',
		noDataExpression: true,
		default: 'generate',
	},
	...generateProperties,
];
