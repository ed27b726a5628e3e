import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { wallClock } from '../../host/clock';
import { digestOf } from '../../report/digest';
import { groupings } from '../../report/groups';
import { reportPage } from '../../report/page/report-page';
import { createReport, type ReportRequest } from '../../report/report';
import { isUnset, readChoice, readNumber, readText } from '../input/field-reader';
import { InvalidInput } from '../../tasks/invalid-input';
import { forEachStoreItem, type StoreItem, type StoreResult } from '../input/store-items';

const formats = ['html', 'file'] as const;
type Format = (typeof formats)[number];

/** Creates a report from the task store's ledger, once for each input item. */
export async function getReport(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const timeZone = context.getTimezone();
	return await forEachStoreItem(context, async (item): Promise<readonly StoreResult[]> => {
		const wanted = readFormats(item.parameter('formats'));
		const report = await createReport(readRequest(item, timeZone));
		const page = wanted.length > 0 ? reportPage(report, timeZone) : '';
		const json = { ...report, markdown: digestOf(report, timeZone), ...(wanted.includes('html') && { html: page }) };
		if (!wanted.includes('file')) return [{ json }];
		const file = await context.helpers.prepareBinaryData(Buffer.from(page), 'resilient-llm-report.html', 'text/html');
		return [{ json, binary: { report: file } }];
	});
}

function readRequest({ store, parameter }: StoreItem, timeZone: string): ReportRequest {
	const hours = readNumber(parameter('windowHours'), 'Window (Hours)', { min: 0.1, max: 720 });
	return {
		ledger: store,
		pause: turnOfTheLoop,
		now: wallClock.now(),
		minutes: Math.round(hours * 60),
		timeZone,
		workflowId: readText(parameter('workflowId'), 'Workflow ID').trim(),
		groupBy: readChoice(parameter('groupBy'), 'Group By', groupings),
		thresholds: {
			maxFallbackRate: readNumber(parameter('maxFallbackRate'), 'Maximum Fallback Rate (%)', { min: 0, max: 100 }),
			maxEscalationRate: readNumber(parameter('maxEscalationRate'), 'Maximum Escalation Rate (%)', {
				min: 0,
				max: 100,
			}),
			maxCostUsd: readNumber(parameter('maxCostUsd'), 'Maximum Cost (USD)', { min: 0, max: 1_000_000_000 }),
			minimumTasks: readNumber(parameter('minimumTasks'), 'Minimum Tasks', { min: 1, max: 1_000_000_000, whole: true }),
		},
	};
}

function readFormats(value: unknown): readonly Format[] {
	if (isUnset(value)) return [];
	if (!Array.isArray(value))
		throw new InvalidInput(
			'Also Give a Page must be a list',
			`Give a list of ${formats.join(' and ')}, or an empty one.`,
		);
	return value.map((format) => readChoice(format, 'Also Give a Page', formats));
}
