import type { INodeProperties } from 'n8n-workflow';

import { generateProperties } from './generate';
import { reportProperties } from './report';
import { reviewProperties } from './review';

const resource: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Completion',
			value: 'completion',
		},
		{
			name: 'Report',
			value: 'report',
		},
		{
			name: 'Review',
			value: 'review',
		},
	],
	default: 'completion',
};

/** All parameters of the node, in the order shown. */
export const properties: INodeProperties[] = [
	resource,
	...generateProperties,
	...reportProperties,
	...reviewProperties,
];
