import { reportPage } from '../../nodes/ResilientLlm/report/page/report-page';
import { createReport, type ReportRequest } from '../../nodes/ResilientLlm/report/report';
import { hostile } from '../review/sample-pages';
import { badDay, goodDay, hostileDay, quietDay } from './sample-days';
import { requestOn, SampleLedger } from './sample-ledger';

const timeZone = 'Europe/Berlin';

async function pageOf(ledger: SampleLedger, more: Partial<ReportRequest> = {}): Promise<string> {
	return reportPage(await createReport(requestOn(ledger, { timeZone, ...more })), timeZone);
}

/** Every kind of page there is, by name. */
export async function samplePages(): Promise<Readonly<Record<string, string>>> {
	const generous = { maxFallbackRate: 90, maxEscalationRate: 90, maxCostUsd: 0, minimumTasks: 10 };
	return {
		alert: await pageOf(badDay()),
		worse: await pageOf(badDay(), { thresholds: generous, groupBy: 'workflow' }),
		well: await pageOf(goodDay(), { groupBy: 'node' }),
		unclear: await pageOf(quietDay(), { groupBy: 'provider' }),
		silent: await pageOf(new SampleLedger()),
		month: await pageOf(badDay(), { minutes: 43_200, workflowId: 'w2' }),
		minutes: await pageOf(quietDay(), { minutes: 61 }),
		hostile: await pageOf(hostileDay(hostile)),
		hostileNode: await pageOf(hostileDay(hostile), { groupBy: 'node', workflowId: 'w1' }),
	};
}
