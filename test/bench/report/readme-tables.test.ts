import { describe, expect, it } from 'vitest';
import { comparisonTable, measuredOn, missedTargets, n8nTable, targetsTable } from './readme-tables.ts';
import type { Report, Row, ScenarioResult } from './result.ts';

const scenario = (id: string, rows: readonly Row[]): ScenarioResult => ({
	name: id,
	title: id,
	tables: [{ id, title: id, columns: [], rows }],
	targets: [],
	notes: [],
});
const spread = (median: number) => ({ median, q1: median, q3: median, n: 5 });

const report: Report = {
	date: '2026-11-21T03:00:00.000Z',
	commit: 'abc1234',
	quick: false,
	machine: {
		cpu: 'A processor',
		cores: 2,
		memoryGb: 24,
		platform: 'linux x64',
		node: 'v24.0.0',
		loadAverage: [0.1, 0, 0],
	},
	versions: { openai: '7.55.0', ai: '7.0.173', 'ai-retry': '2.4.0' },
	scenarios: [
		scenario('overhead-openAi', [
			{ id: 'openai-sdk', label: '', values: { added: null, cpu: spread(400) } },
			{ id: 'ours-batch-none', label: '', values: { added: spread(55.4), cpu: spread(480) } },
			{ id: 'ours-node-none', label: '', values: { added: spread(500), cpu: spread(900) } },
			{ id: 'ai-sdk', label: '', values: { added: spread(281), cpu: spread(700) } },
		]),
		scenario('rate-limit', [
			{
				id: 'ours-batch-none',
				label: '',
				values: { answered: spread(100), refused: spread(12), seconds: spread(9.43) },
			},
		]),
		scenario('n8n', [{ id: 'emptyRun', label: 'Empty run', values: { seconds: spread(0.031) } }]),
		{
			...scenario('load', []),
			targets: [{ id: 'load-time', promise: 'Loads within 40 ms', measured: '51 ms', met: false }],
		},
	],
};

describe('the README’s tables', () => {
	const lineWith = (words: string) =>
		comparisonTable(report)
			.split('\n')
			.find((line) => line.includes(words));

	it('show our node by what many items cost each', () => {
		expect(lineWith('without a store')).toBe(
			'| **Resilient LLM**, the whole node, without a store | 55 µs | 480 µs | – | – | 100, 12, 9.4 s |',
		);
	});

	it('name each peer with its version', () => {
		expect(lineWith('AI SDK 7.0.173 + ai-retry 2.4.0')).toContain('| 281 µs | 700 µs |');
	});

	it('leave open what was not measured', () => {
		expect(lineWith('openai SDK 7.55.0 alone')).toContain('| – | 400 µs | – |');
	});

	it('say which target was missed', () => {
		expect(targetsTable(report)).toContain('| Loads within 40 ms | 51 ms | **no** |');
		expect(missedTargets(report)).toBe('0 of 1 targets were met. Not met:\n\n- Loads within 40 ms: 51 ms');
	});

	it('show the run inside n8n', () => {
		expect(n8nTable(report)).toContain('| Empty run | 0.03 s |');
	});

	it('warn of a quick run', () => {
		expect(measuredOn(report)).not.toContain('quick');
		expect(measuredOn({ ...report, quick: true })).toContain('A quick run');
	});
});
