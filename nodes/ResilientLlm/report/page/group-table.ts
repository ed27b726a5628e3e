import { html, type Html } from '../../page/html';
import { isTaskGroup, type CallGroup, type GroupBy, type TaskGroup } from '../groups';
import { costOf } from '../headline';
import type { Report } from '../report';
import { duration, number, percent, providerName, shortName } from '../wording';
import { table } from './table';

const groupTitles: Readonly<Record<GroupBy, string>> = {
	model: 'By model',
	provider: 'By provider',
	workflow: 'By workflow',
	node: 'By node',
};

/** The numbers by model, provider, workflow or node. */
export function groupTable({ groups, groupBy }: Report): Html | undefined {
	const title = groupTitles[groupBy];
	const most = 20;
	const tasks = groups.filter(isTaskGroup);
	if (tasks.length > 0) {
		return table<TaskGroup>({
			title,
			most,
			rows: tasks,
			columns: [
				{ head: groupBy === 'node' ? 'Node' : 'Workflow', cell: placeCell },
				{ head: 'Tasks', cell: (row) => number(row.tasks) },
				{ head: 'First model', cell: (row) => number(row.tier1), spare: true },
				{ head: 'Fallback', cell: (row) => percent(row.fallbackRate) },
				{ head: 'Human', cell: (row) => percent(row.escalationRate) },
				{ head: '95% within', cell: (row) => duration(row.latencyMs.p95), spare: true },
				{ head: 'Cost', cell: (row) => costOf({ costUsd: row.costUsd, unpricedLines: row.unpricedCalls }, '≥ ') },
			],
		});
	}
	return table<CallGroup>({
		title,
		note: 'Calls, retries included',
		most,
		rows: groups.filter((group): group is CallGroup => !isTaskGroup(group)),
		columns: [
			{ head: groupBy === 'model' ? 'Model' : 'Provider', cell: modelCell },
			{
				head: 'Failed',
				cell: (row) => html`${percent(row.failureRate)}<small>${number(row.failed)} of ${number(row.calls)}</small>`,
			},
			{ head: 'Skipped', cell: (row) => number(row.skipped), spare: true },
			{ head: '50% within', cell: (row) => duration(row.latencyMs.p50), spare: true },
			{ head: '95% within', cell: (row) => duration(row.latencyMs.p95) },
			{ head: '99% within', cell: (row) => duration(row.latencyMs.p99), spare: true },
			{ head: 'Cost', cell: (row) => costOf({ costUsd: row.costUsd, unpricedLines: row.unpricedCalls }, '≥ ') },
		],
	});
}

function placeCell({ workflowName, workflowId, nodeName }: TaskGroup): Html {
	const workflow = shortName(workflowName || workflowId);
	return nodeName === undefined
		? html`<bdi>${workflow}</bdi>`
		: html`<bdi>${shortName(nodeName)}</bdi><small><bdi>${workflow}</bdi></small>`;
}

function modelCell({ provider, model }: CallGroup): Html {
	return model === undefined
		? html`<bdi>${shortName(providerName(provider))}</bdi>`
		: html`<bdi>${shortName(model)}</bdi><small><bdi>${shortName(providerName(provider))}</bdi></small>`;
}
