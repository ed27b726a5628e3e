import { inRounds } from '../measure/rounds.ts';
import { spreadOf } from '../measure/statistics.ts';
import { startTimedN8n } from '../n8n/timed-n8n.ts';
import { builtInRun, credentialsFor, emptyRun, ourRun, type ImportedWorkflow } from '../n8n/workflows.ts';
import type { Row, ScenarioResult } from '../report/result.ts';
import { middle, number } from '../report/text-table.ts';
import type { Bench } from './scenario.ts';

const latencyMs = 200;
const concurrency = 50;

interface Entrant {
	readonly workflow: ImportedWorkflow;
	readonly label: string;
	readonly calls: boolean;
	readonly seconds: number[];
}

/** A thousand items inside a real n8n: our node and what n8n brings for the same. */
export async function insideN8n({ provider, quick, progress }: Bench): Promise<ScenarioResult> {
	const items = quick ? 200 : 1000;
	const rounds = quick ? 1 : 3;
	const idealSeconds = (items * latencyMs) / 1000 / concurrency;
	const entrants: readonly Entrant[] = [
		{ workflow: emptyRun('emptyRun', items), label: 'Empty run (No Operation)', calls: false, seconds: [] },
		{
			workflow: ourRun('oursEmbedded', items, 'embedded', concurrency),
			label: 'Resilient LLM, embedded store, concurrency 50',
			calls: true,
			seconds: [],
		},
		{
			workflow: ourRun('oursNone', items, 'none', concurrency),
			label: 'Resilient LLM, without a store, concurrency 50',
			calls: true,
			seconds: [],
		},
		{
			workflow: builtInRun('builtInDefault', items),
			label: 'Basic LLM Chain with a fallback model, defaults (batches of 5)',
			calls: true,
			seconds: [],
		},
		{
			workflow: builtInRun('builtInBest', items, concurrency),
			label: 'Basic LLM Chain with a fallback model, batches of 50, no delay',
			calls: true,
			seconds: [],
		},
	];
	const lane = 'inside-n8n';
	const n8n = await startTimedN8n(
		entrants.map(({ workflow }) => workflow),
		credentialsFor({
			first: provider.baseUrl(`answer-${latencyMs}`, lane),
			fallback: provider.baseUrl(`answer-${latencyMs}`, `${lane}-fallback`),
		}),
	);
	try {
		progress('warming up');
		for (const { workflow } of entrants) await n8n.run(workflow.id);
		await inRounds(
			rounds,
			entrants,
			async ({ workflow, calls, seconds }) => {
				const before = await answeredOn(lane);
				seconds.push(await n8n.run(workflow.id));
				const answered = (await answeredOn(lane)) - before;
				if (answered !== (calls ? items : 0))
					throw new Error(`${workflow.id} made ${answered} calls for ${items} items`);
			},
			progress,
		);
	} finally {
		await n8n.stop();
	}

	const empty = entrants[0]?.seconds ?? [];
	const rows = entrants.map(({ workflow, label, calls, seconds }): Row => ({
		id: workflow.id,
		label,
		values: {
			seconds: spreadOf(seconds),
			overIdeal: calls
				? spreadOf(seconds.map((time, round) => (time - (empty[round] ?? Number.NaN)) / idealSeconds))
				: null,
			perItem: calls
				? spreadOf(seconds.map((time, round) => ((time - (empty[round] ?? Number.NaN) - idealSeconds) * 1000) / items))
				: null,
		},
	}));
	const secondsOf = (id: string) => middle(rows.find((row) => row.id === id)?.values['seconds']);
	const ours = secondsOf('oursEmbedded');
	const limit = 1.15 * idealSeconds + secondsOf('emptyRun');
	const faster = secondsOf('builtInDefault') / ours;
	return {
		name: 'n8n',
		title: `${items.toLocaleString('en')} items inside n8n, ${latencyMs} ms of provider latency`,
		tables: [
			{
				id: 'n8n',
				title: `Wall time of the execution; ideal at ${concurrency} at once: ${idealSeconds.toFixed(1)} s and the empty run`,
				columns: [
					{ key: 'seconds', title: 'time', unit: 's', digits: 2 },
					{ key: 'overIdeal', title: '(time − empty run) ÷ ideal', unit: '×', digits: 2 },
					{ key: 'perItem', title: 'above the ideal, an item', unit: 'ms', digits: 2 },
				],
				rows,
			},
		],
		targets: [
			{
				id: 'n8n-ideal',
				promise: `At most 1.15 × the ideal ${idealSeconds.toFixed(1)} s and the empty run`,
				measured: `${number(ours, 2)} s of ${number(limit, 2)} s`,
				met: ours <= limit,
			},
			{
				id: 'n8n-defaults',
				promise: 'At least 5 times as fast as the Basic LLM Chain at its defaults',
				measured: `${number(faster, 1)} times`,
				met: faster >= 5,
			},
			{
				id: 'n8n-best',
				promise: 'No slower than the Basic LLM Chain at its best',
				measured: `${number(ours, 2)} s against ${number(secondsOf('builtInBest'), 2)} s`,
				met: ours <= secondsOf('builtInBest'),
			},
		],
		notes: [
			'One real n8n, workflows started by a webhook as in production; the times are what n8n recorded for the execution, from startedAt to stoppedAt.',
			'Both ask for chat completions. The node remembers each task in its embedded store, its default; the chain remembers nothing.',
		],
	};

	async function answeredOn(name: string): Promise<number> {
		return (await provider.journal(name)).counts['200'] ?? 0;
	}
}
