import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { TaskStore } from '../../engine/store/task-store';
import { systemClock } from '../../host/clock';
import { onExecutionEnd } from '../../host/execution-end';
import { logEvent, nodeScope } from '../../host/log';
import { isQueueMode } from '../../host/queue-mode';
import { createDeliveryKeeper } from '../../review/delivery-keeper';
import { openReviewStore } from './trigger-store';

/** One for the whole process: the page, the executions and the trigger all ask it. */
export const deliveryKeeper = createDeliveryKeeper(systemClock);

/**
 * Whether executions can tell the store how they get on. In queue mode they may run on another machine, whose embedded
 * store is another file; a decision then counts as delivered a little after n8n got it.
 */
export function executionsReach(taskStore: unknown): boolean {
	return taskStore !== 'embedded' || !isQueueMode();
}

/** Of the decisions that n8n started this execution with, those that no other execution works on, or has ended with. */
export async function takeDecisions(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	const taken: INodeExecutionData[] = [];
	for (const item of items) {
		const { decisionId } = item.json;
		// An older version of this package gave none.
		if (typeof decisionId !== 'string' || (await isToBeDone(context, decisionId))) taken.push(item);
	}
	return taken;
}

async function isToBeDone(context: IExecuteFunctions, decisionId: string): Promise<boolean> {
	const executionId = context.getExecutionId();
	const scope = { decisionId, executionId, ...nodeScope(context) };
	const warn = (message: string, why: string) =>
		logEvent(context.logger, 'warn', 'review-delivery-failed', { message, why, ...scope });

	const store = await storeOf(context).catch((error: unknown) => {
		warn('The decision may arrive a second time, because the store could not be opened', String(error));
		return undefined;
	});
	if (store === undefined) return true;
	const delivery = { store, decisionId, executionId, warn };
	const state = await deliveryKeeper.begin(delivery);
	switch (state.kind) {
		case 'begun':
		case 'unreachable':
			if (onExecutionEnd(context, async () => await deliveryKeeper.end(delivery)) === 'cannot tell')
				await deliveryKeeper.end(delivery);
			return true;
		case 'unknown':
			warn(
				'The decision may arrive a second time, because the store does not know it',
				'The page may have used another store',
			);
			return true;
		case 'elsewhere':
			logEvent(context.logger, 'info', 'review-already-delivered', { by: state.executionId, ...scope });
			hint(context, `Execution ${state.executionId} works on this decision already, so this one ends here.`);
			return false;
		case 'delivered':
			logEvent(context.logger, 'info', 'review-already-delivered', scope);
			hint(context, 'An earlier execution has ended with this decision, so this one ends here.');
			return false;
	}
}

/** Undefined: nothing is told to it. */
async function storeOf(context: IExecuteFunctions): Promise<TaskStore | undefined> {
	const taskStore = context.getNodeParameter('taskStore', 0);
	return executionsReach(taskStore) ? await openReviewStore(context, taskStore) : undefined;
}

function hint(context: IExecuteFunctions, message: string): void {
	context.addExecutionHints({ message, location: 'outputPane' });
}
