import type { INode, NodeExecutionHint } from 'n8n-workflow';

import type { Attempt } from '../../engine/attempt';
import { openings } from '../../engine/escalation-reason';
import { failureTable } from '../../engine/failure-table';
import { isQueueMode } from '../../host/queue-mode';
import { providerLabelOf } from '../../providers/vendors';
import type { PreparedItem } from './prepared-item';
import type { TaskEnd } from '../../tasks/task-end';

/** Warns if n8n's Retry On Fail is on: it runs all items again, including those already answered. */
export function retryOnFailHint(node: INode): NodeExecutionHint | undefined {
	if (node.retryOnFail !== true) return undefined;
	return {
		type: 'warning',
		location: 'outputPane',
		message:
			'"Retry On Fail" is switched on in the settings of this node. It runs all items again, and every answer is paid for again. Switch it off: this node retries by itself, item by item.',
	};
}

/**
 * Warns if Always Output Data is on: before version 3, n8n checks only the first output and so adds an empty item
 * there.
 */
export function alwaysOutputDataHint(node: INode): NodeExecutionHint | undefined {
	if (node.alwaysOutputData !== true) return undefined;
	return {
		type: 'warning',
		location: 'outputPane',
		message:
			'"Always Output Data" is switched on in the settings of this node. When no item gets an answer, n8n before version 3 puts an empty item on Success, and the nodes there run without an answer. Switch it off: every item leaves this node anyway, on Success or on Escalate.',
	};
}

/** Warns if the embedded store is used in queue mode: workers on several machines would each have their own file. */
export function embeddedInQueueModeHint(items: readonly PreparedItem[]): NodeExecutionHint | undefined {
	const embedded = items.some(
		(item) =>
			item.kind === 'ready' &&
			item.parameters.task.memory.kind === 'store' &&
			item.parameters.task.memory.store === 'embedded',
	);
	if (!embedded || !isQueueMode()) return undefined;
	return {
		type: 'warning',
		location: 'outputPane',
		message:
			'n8n runs in queue mode, and the embedded task store holds for one machine only: workers on other machines neither see its tasks nor its reviews. Choose Redis or PostgreSQL as Task Store.',
	};
}

/**
 * Warns about unknown keywords in schemas, usually typos: they are ignored, so the schema accepts more than intended.
 */
export function unknownKeywordsHint(items: readonly PreparedItem[]): NodeExecutionHint | undefined {
	const schemas = items.flatMap((item) => (item.kind === 'ready' ? (item.schema ?? []) : []));
	const slips = schemas.flatMap(({ unknownKeywords }) => unknownKeywords);
	const questions = new Set(slips.map(({ keyword, meant }) => `"${keyword}" (is "${meant}" meant?)`));
	if (questions.size === 0) return undefined;
	return {
		type: 'warning',
		location: 'outputPane',
		message: `The JSON schema has keywords that are unknown and check nothing: ${[...questions].join(', ')}.`,
	};
}

/** Warns if tasks were escalated but the Escalate output is not connected, so that nobody is told about them. */
export function unwiredEscalateHint(
	ends: readonly TaskEnd[],
	connected: boolean | undefined,
): NodeExecutionHint | undefined {
	const escalated = ends.flatMap((end) => (end.kind === 'escalated' ? [end.escalation] : []));
	if (escalated.length === 0 || connected !== false) return undefined;
	const kept = escalated.every(({ isStored }) => isStored);
	const where = kept
		? 'The task store keeps what left there: get it with Review → Get Many.'
		: 'Not all of it is kept in a task store, and then only this execution shows it.';
	return {
		type: 'warning',
		location: 'outputPane',
		message: `${escalated.length === 1 ? 'A task' : `${escalated.length} tasks`} for a human left on Escalate, but nothing is connected to it. ${where}`,
	};
}

/** Says how many tasks wait for a human, and why. */
export function escalationHint(ends: readonly TaskEnd[]): NodeExecutionHint | undefined {
	const escalated = ends.flatMap((end) => (end.kind === 'escalated' ? [end.escalation] : []));
	if (escalated.length === 0) return undefined;
	const why = tally(escalated.map(({ reasonCode }) => openings[reasonCode]));
	const how = escalated.length === 1 ? '1 task of' : `${escalated.length} tasks of`;
	return {
		type: 'warning',
		location: 'outputPane',
		message: `${how} ${ends.length} went to a human, on Escalate: ${why}.`,
	};
}

/** Says which fallbacks answered, for how many items, and what kept the models before them from answering. */
export function fallbackHint(ends: readonly TaskEnd[]): NodeExecutionHint | undefined {
	const answers = ends.flatMap((end) =>
		end.kind === 'answered' && !end.replayed && end.answer.tier > 1 ? [end.answer] : [],
	);
	if (answers.length === 0) return undefined;
	const who = tally(
		answers.map(({ attempts }) => attempts.at(-1)).map((answer) => (answer === undefined ? '' : nameOf(answer))),
	);
	const why = tally(answers.flatMap(({ attempts }) => lastFailurePerStep(attempts)));
	return {
		type: 'info',
		location: 'outputPane',
		message: `A fallback answered ${answers.length} of ${ends.length} items: ${who}. What kept the models before it from answering: ${why}.`,
	};
}

function lastFailurePerStep(attempts: readonly Attempt[]): readonly string[] {
	const lastWords = new Map<number, string>();
	for (const attempt of attempts) {
		if (attempt.outcome !== 'answered')
			lastWords.set(attempt.step, `${nameOf(attempt)} ${failureTable[attempt.reason].phrase}`);
	}
	return [...lastWords.values()];
}

function nameOf({ provider, model }: Attempt): string {
	return `${providerLabelOf(provider) ?? provider} (${model})`;
}

/** "A (3), B (1)", the most frequent first. */
function tally(names: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	const sorted = [...counts].sort(([, left], [, right]) => right - left);
	return sorted.map(([name, count]) => `${name} ×${count}`).join(', ');
}
