import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { getReport } from '../../nodes/ResilientLlm/actions/report/get';
import { reportProperties } from '../../nodes/ResilientLlm/description/report';
import { ledgerEntries } from '../../nodes/ResilientLlm/engine/store/ledger';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { openTaskStore } from '../../nodes/ResilientLlm/host/task-stores';
import { ResilientLlm } from '../../nodes/ResilientLlm/ResilientLlm.node';
import { strictContext } from '../actions/strict-context';
import { afterASleepOf } from '../host/slept';
import { reportFields } from '../readme/fields';
import { call, place, run, SampleLedger } from './sample-ledger';

const node: INode = { id: 'n', name: 'Report', type: 'resilientLlm', typeVersion: 1, position: [0, 0], parameters: {} };
const folder = mkdtempSync(join(tmpdir(), 'resilient-llm-report-'));
const defaults = Object.fromEntries(reportProperties.map((property) => [property.name, property.default]));
let store: TaskStore;
/** The store's own. */
let tally: TaskStore['tally'];

beforeAll(async () => {
	process.env.N8N_USER_FOLDER = folder;
	const access = await openTaskStore('embedded', { getNode: () => node, getCredentials: async () => ({}) });
	if (access.kind === 'denied') throw new Error(access.why);
	store = access.tasks;
	tally = store.tally.bind(store);
});

afterEach(() => answerWith(tally));

/** The store's ledger knows no other time than now. */
function answerWith(other: TaskStore['tally']): void {
	Object.assign(store, { tally: other });
}

afterAll(async () => {
	await store.close();
	rmSync(folder, { recursive: true });
});

/** Runs the operation once per set of parameters, each standing for one input item. */
async function report(
	items: ReadonlyArray<Readonly<Record<string, unknown>>>,
	continueOnFail = false,
): Promise<readonly INodeExecutionData[]> {
	const context = strictContext<IExecuteFunctions>({
		getInputData: (() => items.map(() => ({ json: {} }))) as IExecuteFunctions['getInputData'],
		getNodeParameter: ((name: string, index: number) =>
			({ ...defaults, ...items[index] })[name] ?? null) as IExecuteFunctions['getNodeParameter'],
		getNode: () => node,
		getTimezone: () => 'Europe/Berlin',
		continueOnFail: () => continueOnFail,
		helpers: strictContext<IExecuteFunctions['helpers']>({
			prepareBinaryData: async (data, fileName, mimeType) => ({
				data: Buffer.from(data as Buffer).toString('base64'),
				fileName: fileName!,
				mimeType: mimeType!,
			}),
		}),
	});
	const outputs = await getReport(context);
	expect(outputs).toHaveLength(1);
	return outputs[0]!;
}

it('says on the canvas what it does, and has one output', () => {
	const evaluate = (expression: string) =>
		(
			new Function('$parameter', `return (${expression.slice('={{'.length, -'}}'.length)})`) as (
				parameters: unknown,
			) => unknown
		)({ resource: 'report', operation: 'get' });
	const { subtitle, outputs } = new ResilientLlm().description;
	expect(evaluate(subtitle!)).toBe('get: report');
	expect(evaluate(outputs as string)).toEqual([{ type: 'main' }]);
});

describe('report/get', () => {
	it('gives one report per item, each of its own window', async () => {
		const ledger = new SampleLedger()
			.add(Date.now() - 2 * 3_600_000, run(1, [call()]))
			.add(Date.now() - 30 * 3_600_000, run(2, [call()]));
		answerWith(async (query) => await ledger.tally(query));
		const items = await report([{}, { windowHours: 1 }, { windowHours: '72' }]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(items.map(({ json }) => json)).toMatchObject([
			{ window: { hours: 24 }, totals: { tasks: 1 }, trend: { tasks: { before: 1 } }, groupBy: 'model' },
			{ window: { hours: 1 }, totals: { tasks: 0 } },
			{ window: { hours: 72 }, totals: { tasks: 2 } },
		]);
		for (const { json, binary } of items) {
			expect(Object.keys(json)).not.toContain('error');
			expect(Object.keys(json)).not.toContain('html');
			expect(json.markdown).toContain(`*${String(json.headline)}*`);
			expect(binary).toBeUndefined();
		}
	});

	it('reports the last 24 hours of the clock on the wall, also after the machine has slept for 8 of them', async () => {
		const ledger = new SampleLedger().add(Date.now() - 2 * 3_600_000, run(1, [call()]));
		answerWith(async (query) => await ledger.tally(query));
		const [item] = await afterASleepOf(8 * 3_600_000, async () => await report([{}]));
		expect(item?.json).toMatchObject({ totals: { tasks: 1 } });
	});

	it('counts what the store was told, at once', async () => {
		await store.addToLedger(
			ledgerEntries(
				place,
				run(2, [call({ outcome: 'failed', httpStatus: 529 }), call({ step: 2, costUsd: 0.25 })], {
					extraCostUsd: 0.125,
				}),
			),
		);
		const [item] = await report([{ windowHours: 0.1, groupBy: 'node' }]);
		expect(item!.json).toMatchObject({
			totals: { tasks: 1, tier2: { tasks: 1, share: 1 }, costUsd: 0.25, fallbacks: { extraCostUsd: 0.125 } },
			failures: [{ reason: 'overloaded', httpStatus: 529, count: 1 }],
			groups: [{ key: 'w1/n1', nodeName: 'Answer the ticket', tasks: 1 }],
		});
	});

	it('gives the page as text, as a file, or both', async () => {
		const [asText, asFile, both] = await report([
			{ formats: ['html'] },
			{ formats: ['file'] },
			{ formats: ['file', 'html'] },
		]);
		expect(asText!.json.html).toMatch(/^<!DOCTYPE html>/);
		expect(asText!.binary).toBeUndefined();
		expect(asFile!.json.html).toBeUndefined();
		for (const { binary } of [asFile!, both!]) {
			expect(binary).toMatchObject({ report: { fileName: 'resilient-llm-report.html', mimeType: 'text/html' } });
			expect(Buffer.from(binary!.report!.data, 'base64').toString()).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
		}
		expect(both!.json.html).toMatch(/^<!DOCTYPE html>/);
		expect(Object.keys(both!.json)).toEqual(Object.keys(reportFields));
	});

	it.each([
		['windowHours', 0, 'Window (Hours) must be a number from 0.1 to 720, not "0"'],
		['windowHours', 721, 'Window (Hours) must be'],
		['windowHours', 'a day', 'Window (Hours) must be'],
		['groupBy', 'day', 'Group By must be one of model, provider, workflow, node, not "day"'],
		['maxFallbackRate', -1, 'Maximum Fallback Rate (%) must be a number from 0 to 100'],
		['maxFallbackRate', 101, 'Maximum Fallback Rate (%) must be'],
		['maxEscalationRate', '', 'Maximum Escalation Rate (%) must be a number from 0 to 100, not empty'],
		['maxCostUsd', -0.01, 'Maximum Cost (USD) must be'],
		['minimumTasks', 0, 'Minimum Tasks must be a whole number'],
		['minimumTasks', 1.5, 'Minimum Tasks must be a whole number'],
		['workflowId', {}, 'Workflow ID must be text'],
		['formats', 'html', 'Also Give a Page must be a list'],
		['formats', ['pdf'], 'Also Give a Page must be one of html, file, not "pdf"'],
		['taskStore', 'none', 'Task Store must be one of embedded, redis, postgres'],
	])('refuses %s = %j', async (name, value, message) => {
		await expect(report([{ [name]: value }])).rejects.toThrow(message);
		expect(await report([{ [name]: value }, {}], true)).toMatchObject([
			{ json: { error: expect.stringContaining(message) as string } },
			{ json: { alert: false } },
		]);
	});

	it('gives others their turn while it reads', async () => {
		let turns = 0;
		const ticking = setInterval(() => (turns += 1), 0);
		answerWith(async () => {
			for (const until = performance.now() + 3; performance.now() < until;);
			return [];
		});
		await report([{}]);
		clearInterval(ticking);
		expect(turns).toBeGreaterThan(20);
	});

	it('says when the store cannot be read', async () => {
		answerWith(async () => await Promise.reject(new Error('The task store cannot be reached')));
		await expect(report([{}])).rejects.toThrow('The task store cannot be reached');
	});
});
