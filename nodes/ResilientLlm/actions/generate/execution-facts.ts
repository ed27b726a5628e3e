import type { IExecuteFunctions } from 'n8n-workflow';

import { roundedUsd } from '../../engine/usd';
import type { TaskEnd } from '../../tasks/task-end';

/** What n8n's own surfaces show of a run of this node: traces, and the custom data that executions are searched by. */
export interface ExecutionFacts {
	readonly tasks: number;
	readonly answeredByFirst: number;
	readonly answeredByFallback: number;
	readonly escalated: number;
	readonly replayed: number;
	/** 0: no task has ended. */
	readonly highestTier: 0 | 1 | 2 | 3;
	/** Null: the cost of a call is unknown. */
	readonly costUsd: number | null;
}

export function executionFacts(ends: readonly TaskEnd[]): ExecutionFacts {
	const tiers = ends.map(tierOf);
	const costs = ends.map(costOf);
	const of = (tier: number) => tiers.filter((one) => one === tier).length;
	return {
		tasks: ends.length,
		answeredByFirst: of(1),
		answeredByFallback: of(2),
		escalated: ends.filter(({ kind }) => kind === 'escalated').length,
		replayed: ends.filter((end) => end.kind === 'decided' || (end.kind !== 'cancelled' && end.replayed)).length,
		highestTier: Math.max(0, ...tiers) as ExecutionFacts['highestTier'],
		costUsd: costs.includes(null) ? null : roundedUsd(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0)),
	};
}

function tierOf(end: TaskEnd): ExecutionFacts['highestTier'] {
	switch (end.kind) {
		case 'answered':
			return end.answer.tier;
		case 'cancelled':
			return 0;
		default:
			return 3;
	}
}

/** USD that this execution spent on a task. */
function costOf(end: TaskEnd): number | null {
	switch (end.kind) {
		case 'answered':
			return end.replayed ? 0 : end.answer.costUsd;
		case 'escalated':
			return end.replayed ? 0 : end.escalation.costUsd;
		case 'decided':
			return 0;
		case 'cancelled':
			return null;
	}
}

type Surfaces = Partial<Pick<IExecuteFunctions, 'setMetadata' | 'customData'>>;

/** The names under which an execution is found: n8n takes letters, digits and underscores. */
export const customDataKeys = {
	highestTier: 'resilient_llm_highest_tier',
	escalated: 'resilient_llm_escalated',
} as const;

/**
 * Several of these nodes in one execution share its custom data: the highest tier of all, and all tasks for a human.
 * n8n without one of these surfaces, or in a context that has none, is no reason to lose an answer.
 */
export function showExecutionFacts(context: Surfaces, facts: ExecutionFacts): void {
	try {
		context.setMetadata?.({ tracing: tracingOf(facts) });
		if (context.customData !== undefined && facts.highestTier > 0) addCustomData(context.customData, facts);
	} catch {
		// The items say the same.
	}
}

function tracingOf({
	tasks,
	answeredByFirst,
	answeredByFallback,
	escalated,
	replayed,
	highestTier,
	costUsd,
}: ExecutionFacts): Record<string, number> {
	return {
		'resilient_llm.tasks': tasks,
		'resilient_llm.answered_by_first': answeredByFirst,
		'resilient_llm.answered_by_fallback': answeredByFallback,
		'resilient_llm.escalated': escalated,
		'resilient_llm.replayed': replayed,
		'resilient_llm.highest_tier': highestTier,
		...(costUsd !== null && { 'resilient_llm.cost_usd': costUsd }),
	};
}

function addCustomData(customData: IExecuteFunctions['customData'], { highestTier, escalated }: ExecutionFacts): void {
	const before = (key: string) => Number(customData.get(key) ?? 0) || 0;
	customData.set(customDataKeys.highestTier, String(Math.max(highestTier, before(customDataKeys.highestTier))));
	customData.set(customDataKeys.escalated, String(escalated + before(customDataKeys.escalated)));
}
