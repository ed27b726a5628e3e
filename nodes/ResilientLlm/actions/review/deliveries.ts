import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { TaskStore } from '../../engine/store/task-store';
import { systemClock } from '../../host/clock';
import { onExecutionEnd } from '../../host/execution-end';
import { logEvent, nodeScope } from '../../host/log';
import { isQueueMode } from '../../host/queue-mode';
import { createDeliveryKeeper } from '../../review/delivery-keeper';
import { openReviewStore } from './trigger-store';

/**
 * Tracks which decisions were delivered to a workflow. One per process, shared by review page, executions and trigger.
 */
export const deliveryKeeper = createDeliveryKeeper(systemClock);

/**
 * Whether executions can report to the store that they have handled a decision. In queue mode an execution may run on
 * another machine, where the embedded store is another file. Then a decision counts as delivered shortly after it was
 * given to n8n.
 */
export function executionsReach(taskStore: unknown): boolean {
	return taskStore !== 'embedded' || !isQueueMode();
}

/**
 * The items whose decisions this execution should handle. Decisions that another execution is handling or has handled
 * are left out.
 */
export async function takeDecisions(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	const taken: INodeExecutionData[] = [];
	for (const item of items) {
		const { decisionId } = item.json;
		// Decisions sent by older versions of this package have no ID.
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

/** Undefined if executions cannot reach the store; then the store is not told about deliveries. */
async function storeOf(context: IExecuteFunctions): Promise<TaskStore | undefined> {
	const taskStore = context.getNodeParameter('taskStore', 0);
	return executionsReach(taskStore) ? await openReviewStore(context, taskStore) : undefined;
}

function hint(context: IExecuteFunctions, message: string): void {
	context.addExecutionHints({ message, location: 'outputPane' });
}
