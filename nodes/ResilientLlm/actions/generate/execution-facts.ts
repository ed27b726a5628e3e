import type { IExecuteFunctions } from 'n8n-workflow';

import { roundedUsd } from '../../engine/usd';
import type { TaskEnd } from '../../tasks/task-end';

/** Totals of a run of this node, shown in n8n's traces and in the custom data by which executions can be searched. */
export interface ExecutionFacts {
	readonly tasks: number;
	readonly answeredByFirst: number;
	readonly answeredByFallback: number;
	readonly escalated: number;
	readonly replayed: number;
	/** 0 if no task has ended. */
	readonly highestTier: 0 | 1 | 2 | 3;
	/** Null if the cost of at least one call is unknown. */
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

/** The cost in USD of a task in this execution, or null if it is unknown. */
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

/** Names of the custom data fields by which executions can be searched. n8n allows letters, digits and underscores. */
export const customDataKeys = {
	highestTier: 'resilient_llm_highest_tier',
	escalated: 'resilient_llm_escalated',
} as const;

/**
 * Adds the totals to n8n's traces and to the execution's custom data. If the execution has several of these nodes, the
 * custom data holds the highest tier and the sum of escalated tasks. Errors are ignored: old n8n versions and some
 * contexts lack these functions, and an answer must not be lost for that.
 */
export function showExecutionFacts(context: Surfaces, facts: ExecutionFacts): void {
	try {
		context.setMetadata?.({ tracing: tracingOf(facts) });
		if (context.customData !== undefined && facts.highestTier > 0) addCustomData(context.customData, facts);
	} catch {
		// Best effort: the output items contain the same information.
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
