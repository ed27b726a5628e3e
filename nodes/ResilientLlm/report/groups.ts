import { roundedUsd } from '../engine/usd';
import type { LedgerFacets, LedgerSum } from '../engine/store/ledger';
import { byCount, shareOf } from './figures';
import type { Percentiles } from './latency-histogram';
import { CallTally, TaskTally } from './line-tally';

/** How the numbers can be broken down: by where tasks run, or by what was called. */
export const groupings = ['model', 'provider', 'workflow', 'node'] as const;
export type GroupBy = (typeof groupings)[number];

/** The tasks of one workflow or node. */
export interface TaskGroup {
	/** Unique key: the workflow ID, for nodes followed by a slash and the node ID. */
	readonly key: string;
	readonly workflowId: string;
	readonly workflowName: string;
	/** Only when grouped by node. */
	readonly nodeId?: string;
	readonly nodeName?: string;
	readonly tasks: number;
	readonly tier1: number;
	readonly tier2: number;
	readonly tier3: number;
	readonly fallbackRate: number | null;
	readonly escalationRate: number | null;
	/** Of the tasks that a model answered. */
	readonly latencyMs: Percentiles;
	/** USD of its calls whose cost is known. */
	readonly costUsd: number;
	readonly unpricedCalls: number;
}

/** The calls to one provider or model. */
export interface CallGroup {
	/** Unique key: the provider, for models followed by a slash and the model. */
	readonly key: string;
	readonly provider: string;
	/** Only when grouped by model. */
	readonly model?: string;
	readonly calls: number;
	readonly answered: number;
	readonly failed: number;
	/** Models that were skipped without a call. */
	readonly skipped: number;
	readonly failureRate: number | null;
	/** Of the calls that were answered. */
	readonly latencyMs: Percentiles;
	/** USD of its calls whose cost is known. */
	readonly costUsd: number;
	readonly unpricedCalls: number;
}

export type Group = TaskGroup | CallGroup;

export function isTaskGroup(group: Group): group is TaskGroup {
	return 'workflowId' in group;
}

interface Entry {
	readonly key: string;
	/** Those of the newest line, because names of workflows and nodes change. */
	facets: LedgerFacets;
	readonly tasks: TaskTally;
	readonly calls: CallTally;
}

export class GroupTally {
	private readonly entries = new Map<string, Entry>();

	constructor(private readonly by: GroupBy) {}

	add(sum: LedgerSum): void {
		const { facets } = sum;
		const key = keyOf(this.by, facets);
		if (key === undefined) return;
		const entry = this.entries.get(key) ?? { key, facets, tasks: new TaskTally(), calls: new CallTally() };
		entry.facets = facets;
		if (facets.kind === 'task') entry.tasks.add(facets.tier, sum);
		else entry.calls.add(facets.outcome, sum);
		this.entries.set(key, entry);
	}

	/** The groups with the most tasks or calls first. */
	rows(): readonly Group[] {
		const entries = [...this.entries.values()];
		if (this.by === 'workflow' || this.by === 'node')
			return entries.map((entry) => taskGroup(entry, this.by)).sort(byCount(({ tasks }) => tasks));
		return entries.map((entry) => callGroup(entry, this.by)).sort(byCount(({ calls, skipped }) => calls + skipped));
	}
}

function keyOf(by: GroupBy, facets: LedgerFacets): string | undefined {
	if (by === 'workflow') return facets.workflowId;
	if (by === 'node') return `${facets.workflowId}/${facets.nodeId}`;
	if (facets.kind === 'task') return undefined;
	return by === 'provider' ? facets.provider : `${facets.provider}/${facets.model}`;
}

function taskGroup({ key, facets, tasks, calls }: Entry, by: GroupBy): TaskGroup {
	const { workflowId, workflowName, nodeId, nodeName } = facets;
	return {
		key,
		workflowId,
		workflowName,
		...(by === 'node' && { nodeId, nodeName }),
		tasks: tasks.count,
		tier1: tasks[1].lines,
		tier2: tasks[2].lines,
		tier3: tasks[3].lines,
		fallbackRate: shareOf(tasks[2].lines, tasks.count),
		escalationRate: shareOf(tasks[3].lines, tasks.count),
		latencyMs: tasks.answeredLatency().percentiles(),
		costUsd: roundedUsd(calls.costUsd),
		unpricedCalls: calls.unpriced,
	};
}

function callGroup({ key, facets, calls }: Entry, by: GroupBy): CallGroup {
	const { provider, model } = facets.kind === 'attempt' ? facets : { provider: '', model: '' };
	return {
		key,
		provider,
		...(by === 'model' && { model }),
		calls: calls.calls,
		answered: calls.answered.lines,
		failed: calls.failed.lines,
		skipped: calls.skipped.lines,
		failureRate: shareOf(calls.failed.lines, calls.calls),
		latencyMs: calls.answered.latency.percentiles(),
		costUsd: roundedUsd(calls.costUsd),
		unpricedCalls: calls.unpriced,
	};
}
