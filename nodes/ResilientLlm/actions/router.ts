import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { nodeVersionProblem } from '../host/node-version';
import { generate } from './generate/generate';
import { getReport } from './report/get';
import { getReview } from './review/get';
import { getAllReviews } from './review/get-all';
import { resolveReview } from './review/resolve';

type Operation = (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

const operations: Readonly<Record<string, Operation>> = {
	'completion.generate': generate,
	'report.get': getReport,
	'review.get': getReview,
	'review.getAll': getAllReviews,
	'review.resolve': resolveReview,
};

export async function route(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const problem = nodeVersionProblem();
	if (problem !== undefined) return refuseAll(context, problem);
	const name = `${context.getNodeParameter('resource', 0)}.${context.getNodeParameter('operation', 0)}`;
	const operation = operations[name];
	if (operation === undefined) {
		throw new NodeOperationError(context.getNode(), `This node has no operation "${name}"`);
	}
	return await operation(context);
}

/**
 * Reports the problem for all items. If the node is set to continue on errors this must not throw, because n8n would
 * then pass the input on as if it were the answer.
 */
function refuseAll(context: IExecuteFunctions, problem: string): INodeExecutionData[][] {
	if (!context.continueOnFail()) throw new NodeOperationError(context.getNode(), problem);
	return [context.getInputData().map((_, item) => ({ json: { error: problem }, pairedItem: { item } }))];
}
