import type { IExecuteFunctions, INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { isEscalateConnected } from '../../host/escalate-wiring';
import { logEvent, nodeScope } from '../../host/log';
import { isToolCall } from '../../host/tool-call';
import { escalateItem } from './escalate-item';
import { executionFacts, showExecutionFacts } from './execution-facts';
import {
	alwaysOutputDataHint,
	embeddedInQueueModeHint,
	escalationHint,
	fallbackHint,
	retryOnFailHint,
	unknownKeywordsHint,
	unwiredEscalateHint,
} from './execution-hints';
import { asNodeError, prepareItems, type PreparedItem } from './prepared-item';
import type { TaskEnd } from '../../tasks/task-end';
import { createSlots } from './slots';
import { decidedItem, successItem } from './success-item';
import { createTaskRunner, type EndedItem } from './task-runner';

/** The result of one item. */
type Result =
	| ({ readonly kind: 'ended' } & EndedItem)
	| { readonly kind: 'failed'; readonly itemIndex: number; readonly error: NodeOperationError };

/**
 * Runs each item's task through the provider order. Answers go to the first output, tasks for a human to the second.
 * Throws `NodeOperationError` for an item's error, unless the node is set to continue on errors.
 */
export async function generate(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = await prepareItems(context);
	if (!context.continueOnFail()) throwFirstError(items);

	const results = await runConcurrently(context, items);
	if (!context.continueOnFail()) throwFirstError(results);

	const ends: readonly TaskEnd[] = results.flatMap((result) => (result.kind === 'ended' ? [result.end] : []));
	giveHints(context, items, ends);
	showExecutionFacts(context, executionFacts(ends));
	return outputsOf(context, results);
}

function throwFirstError(items: ReadonlyArray<PreparedItem | Result>): void {
	const bad = items.find((item) => item.kind === 'invalid' || item.kind === 'failed');
	if (bad !== undefined) throw bad.error;
}

async function runConcurrently(context: IExecuteFunctions, items: readonly PreparedItem[]): Promise<readonly Result[]> {
	const firstFailure = new AbortController();
	const cancelled = context.getExecutionCancelSignal();
	const cancel = AbortSignal.any([firstFailure.signal, ...(cancelled === undefined ? [] : [cancelled])]);
	const ready = items.filter((item) => item.kind === 'ready');
	const concurrency = ready[0]?.parameters.concurrency ?? 1;
	const runner = await createTaskRunner(context, ready, concurrency, cancel);
	const slots = createSlots(concurrency);

	return await Promise.all(
		items.map(async (item): Promise<Result> => {
			if (item.kind === 'invalid') return { ...item, kind: 'failed' };
			// The slot only limits calls. It is freed before the result is stored, so that other items need not wait for
			// that.
			const callsAreOver = await slots.take();
			try {
				return { kind: 'ended', ...(await runner.run(item, callsAreOver)) };
			} catch (error) {
				const nodeError = asNodeError(context, item.itemIndex, error);
				if (context.continueOnFail()) return { kind: 'failed', itemIndex: item.itemIndex, error: nodeError };
				// Throwing here would lose the results of other items, whose calls were paid for, so this item is escalated
				// instead.
				if (runner.hasResultsToLose()) return { kind: 'ended', ...(await runner.escalate(item, wordsOf(nodeError))) };
				// The execution will end with an error, so running calls are cancelled.
				firstFailure.abort();
				return { kind: 'failed', itemIndex: item.itemIndex, error: nodeError };
			} finally {
				callsAreOver();
			}
		}),
	);
}

function wordsOf({ message, description }: NodeOperationError): string {
	return typeof description === 'string' ? `${message}. ${description}` : message;
}

function giveHints(context: IExecuteFunctions, items: readonly PreparedItem[], ends: readonly TaskEnd[]): void {
	const unwired = isToolCall(context) ? undefined : unwiredEscalateHint(ends, isEscalateConnected(context));
	if (unwired !== undefined)
		logEvent(context.logger, 'warn', 'escalate-unconnected', {
			executionId: context.getExecutionId(),
			...nodeScope(context),
		});
	const hints = [
		retryOnFailHint(context.getNode()),
		alwaysOutputDataHint(context.getNode()),
		embeddedInQueueModeHint(items),
		unknownKeywordsHint(items),
		unwired,
		escalationHint(ends),
		fallbackHint(ends),
	].filter((hint) => hint !== undefined);
	if (hints.length > 0) context.addExecutionHints(...hints);
}

function outputsOf(context: IExecuteFunctions, results: readonly Result[]): INodeExecutionData[][] {
	const success: INodeExecutionData[] = [];
	const escalate: INodeExecutionData[] = [];
	// If the node is used as an agent's tool, the agent reads only the first output, so escalated tasks go there too.
	const forHumans = isToolCall(context) ? success : escalate;
	for (const result of results) {
		if (result.kind === 'failed') {
			success.push(errorItem(result.error, result.itemIndex));
			continue;
		}
		const { task, end } = result;
		switch (end.kind) {
			case 'answered':
				success.push(successItem(task, end.answer, end.replayed));
				break;
			case 'decided':
				success.push(decidedItem(task, end.review));
				break;
			case 'escalated':
				forHumans.push(escalateItem(task, end.escalation));
				break;
			case 'cancelled':
			// No item: a cancelled task has no result. Tasks that ended before the cancellation keep theirs.
		}
	}
	return [success, escalate];
}

/** n8n moves an item with exactly these fields to the node's Error output, if the user has enabled that. */
function errorItem({ message, description }: NodeOperationError, itemIndex: number): INodeExecutionData {
	return {
		json: { error: message, ...(typeof description === 'string' && { details: description }) },
		pairedItem: { item: itemIndex },
	};
}
