import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { generate } from './generate';
import { getReport } from './report-get';
import { getReview } from './review-get';
import { getAllReviews } from './review-get-all';
import { resolveReview } from './review-resolve';

type Operation = (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

const operations: Readonly<Record<string, Operation>> = {
	'completion.generate': generate,
	'report.get': getReport,
	'review.get': getReview,
	'review.getAll': getAllReviews,
	'review.resolve': resolveReview,
};

export async function route(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const name = `${context.getNodeParameter('resource', 0)}.${context.getNodeParameter('operation', 0)}`;
	const operation = operations[name];
	if (operation === undefined) {
		throw new NodeOperationError(context.getNode(), `This node has no operation "${name}"`);
	}
	return await operation(context);
}
