import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { N8nApi, type Credential } from '../task-store/n8n-api.ts';
import { PricedVendors, pricedVendors } from './priced-vendors.ts';
import {
	countBy,
	replaysIn,
	tallyOfItems,
	tallyOfJournal,
	tallyOfLog,
	tallyOfMetrics,
	tallyOfReport,
	type Item,
	type LogLine,
	type ReportNumbers,
	type Tally,
} from './tallies.ts';
import { credentialTypeOf, promptSecret, reportWorkflow, ticketsWorkflow } from './tickets-workflow.ts';

const keySecret = 'sk-PLANTED-IN-THE-KEY-0123456789';
const answerSecret = 'ANSWER of a simulated model';
const tasks = 1000;
const replays = 30;

describe('1,000 mixed tasks in a real n8n', () => {
	let vendors: PricedVendors;
	let n8n: N8nInstance;
	let removeUserFolder: () => Promise<void>;
	let items: readonly Item[];
	let again: readonly Item[];
	let report: ReportNumbers;
	let metrics: string;
	let log: readonly string[];
	let expected: Tally;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		vendors = await PricedVendors.start();
		n8n = await N8nInstance.prepare({
			userFolder,
			environment: { N8N_METRICS: 'true', N8N_LOG_FORMAT: 'json', N8N_LOG_LEVEL: 'info' },
		});
		await n8n.start();
		const api = await N8nApi.logIn(n8n.url);
		const credentials: Record<string, Credential> = {};
		for (const vendor of pricedVendors) {
			const type = credentialTypeOf(vendor);
			credentials[type] = await api.createCredential(type, type, {
				apiKey: keySecret,
				baseUrl: vendors.baseUrl(vendor),
			});
		}
		const tickets = await api.publish(ticketsWorkflow('tickets', credentials), 'tickets');
		const reports = await api.publish(reportWorkflow('report'), 'report');

		items = (await post(tickets, {
			tickets: Array.from({ length: tasks }, (_, number) => ({ number })),
		})) as readonly Item[];
		again = (await post(tickets, {
			tickets: Array.from({ length: replays }, (_, number) => ({ number })),
		})) as readonly Item[];
		report = (await post(reports, {})) as ReportNumbers;
		metrics = await (await fetch(`${n8n.url}/metrics`)).text();
		log = (await readFile(n8n.logFile, 'utf8')).split('\n').filter((line) => line.includes('resilient-llm '));
		expected = tallyOfItems(items);
	});

	afterAll(async () => {
		await n8n?.stop();
		await vendors?.stop();
		await removeUserFolder?.();
	});

	test('end one by one, in all tiers', () => {
		expect(items).toHaveLength(tasks);
		expect(Object.keys(expected.tasksByTier)).toEqual(['1', '2', '3']);
		process.stderr.write(`1,000 tasks: ${JSON.stringify(expected)}\n`);
	});

	test('the items agree with what the vendors saw and billed, to the billionth of a dollar', () => {
		const journal = tallyOfJournal(vendors.journal);
		const calls = items.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome !== 'skipped');
		expect(countBy(calls.map(({ provider }) => provider))).toEqual(journal.calls);
		expect({ answeredBy: expected.answeredBy, unpriced: expected.unpriced, nanoUsd: expected.nanoUsd }).toEqual({
			answeredBy: journal.answeredBy,
			unpriced: journal.unpriced,
			nanoUsd: journal.nanoUsd,
		});
	});

	test('the log says the same', () => {
		expect(tallyOfLog(log.map(readLine))).toEqual(expected);
	});

	test('/metrics says the same', () => {
		expect(tallyOfMetrics(metrics)).toEqual(expected);
	});

	test('the report says the same', () => {
		expect(tallyOfReport(report)).toEqual(expected);
	});

	test('tasks that were done before are replayed, counted as such, and cost nothing', () => {
		expect(
			again.filter(({ replayed }) => replayed === true).length +
				again.filter(({ reasonCode }) => reasonCode !== undefined).length,
		).toBe(replays);
		expect(replaysIn(metrics)).toBe(replays);
	});

	test('neither log nor metrics nor report hold a key, a prompt or an answer', () => {
		const told = [...log, metrics, JSON.stringify(report)].join('\n');
		for (const secret of [keySecret, promptSecret, answerSecret]) expect(told).not.toContain(secret);
	});
});

async function post(url: string, body: object): Promise<unknown> {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	const text = await response.text();
	if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 500)}`);
	return JSON.parse(text) as unknown;
}

/** n8n's JSON log has our fields below `metadata`. */
function readLine(line: string): LogLine {
	const parsed = JSON.parse(line) as { metadata?: LogLine } & LogLine;
	return parsed.metadata ?? parsed;
}
