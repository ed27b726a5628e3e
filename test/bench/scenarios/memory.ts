import { inFreshProcess } from '../measure/child.ts';
import type { HeldMemory, MemoryRun } from '../measure/measured/held-memory.ts';
import { percentile } from '../measure/statistics.ts';
import type { Row, ScenarioResult, Target } from '../report/result.ts';
import { middle, number } from '../report/text-table.ts';
import { plainRoute } from './overhead.ts';
import type { Bench } from './scenario.ts';

const mb = 1_000_000;
const kb = 1000;
/** An image that has been answered must not stay: what does is its item and its answer. */
const imageItemLimitKb = 20;
const heapMb = 8192;
/**
 * What a heap may differ by after ten runs without anything having grown, in bytes: code that was compiled meanwhile,
 * caches that fill once.
 */
const noiseBytes = 1 * mb;

interface Entrant {
	readonly id: string;
	readonly label: string;
	readonly run: Pick<MemoryRun, 'contender' | 'store'>;
}

const entrants: readonly Entrant[] = [
	{ id: 'openai-sdk', label: 'openai SDK alone, answers dropped', run: { contender: 'sdk', store: 'none' } },
	{
		id: 'ours-batch-none',
		label: 'Resilient LLM, whole node, without a store',
		run: { contender: 'node', store: 'none' },
	},
	{
		id: 'ours-batch-embedded',
		label: 'Resilient LLM, whole node, embedded store',
		run: { contender: 'node', store: 'embedded' },
	},
];

/** What many items keep in memory, and whether anything stays behind. */
export async function memory({ provider, quick, progress }: Bench): Promise<ScenarioResult> {
	const measure = async (
		{ id, run }: Entrant,
		what: string,
		size: Pick<MemoryRun, 'payload' | 'bytes' | 'items' | 'concurrency' | 'runs'>,
	): Promise<HeldMemory> => {
		progress(`${what}: ${id}`);
		const route = { ...plainRoute, baseUrls: [provider.baseUrl('answer-0', `memory-${id}`)] };
		const result = await inFreshProcess<HeldMemory>('held-memory.ts', { ...run, ...size, route } satisfies MemoryRun, {
			heapMb,
		});
		if (result === undefined) throw new Error(`${id} did not come to its end`);
		return result;
	};
	const prompts = { payload: 'prompt', bytes: 20_000, items: quick ? 2000 : 10_000, concurrency: 50, runs: 1 } as const;
	const images = { payload: 'image', bytes: mb, items: quick ? 100 : 1000, concurrency: 5, runs: 1 } as const;
	const again = { payload: 'prompt', bytes: 20_000, items: quick ? 200 : 1000, concurrency: 50, runs: 10 } as const;
	const ours = entrants.filter(({ run }) => run.contender === 'node');

	const promptRows: Row[] = [];
	for (const entrant of entrants) promptRows.push(heldRow(entrant, await measure(entrant, 'prompts', prompts)));
	const imageRows: Row[] = [];
	for (const entrant of ours) imageRows.push(heldRow(entrant, await measure(entrant, 'images', images)));
	const growthRows: Row[] = [];
	for (const entrant of ours) growthRows.push(growthRow(entrant, await measure(entrant, 'ten runs', again)));

	const heldColumns = [
		{ key: 'own', title: 'input and output', unit: 'MB', digits: 1 },
		{ key: 'held', title: 'held at most', unit: 'MB', digits: 1 },
		{ key: 'ratio', title: 'held ÷ own', unit: '×', digits: 2 },
		{ key: 'perItem', title: 'a further item holds', unit: 'kB', digits: 1 },
		{ key: 'rss', title: 'RSS at most', unit: 'MB', digits: 0 },
		{ key: 'seconds', title: 'time', unit: 's', digits: 1 },
	];
	return {
		name: 'memory',
		title: 'Memory',
		tables: [
			{
				id: 'memory-prompts',
				title: `${prompts.items.toLocaleString('en')} items with prompts of 20 kB, 50 at once`,
				columns: heldColumns,
				rows: promptRows,
			},
			{
				id: 'memory-images',
				title: `${images.items.toLocaleString('en')} items with an image of 1 MB each from n8n’s storage, 5 at once`,
				columns: heldColumns,
				rows: imageRows,
			},
			{
				id: 'memory-growth',
				title: `Ten runs of ${again.items.toLocaleString('en')} items, what is left after each`,
				columns: [
					{ key: 'second', title: 'after run 2', unit: 'MB', digits: 2 },
					{ key: 'tenth', title: 'after run 10', unit: 'MB', digits: 2 },
					{ key: 'growth', title: 'growth (runs 8–10 less runs 2–4)', unit: 'MB', digits: 2 },
				],
				rows: growthRows,
			},
		],
		targets: [
			...promptRows.filter(({ id }) => id.startsWith('ours')).map(heldTarget),
			...imageRows.map(imageTarget),
			...growthRows.map(growthTarget),
		],
		notes: [
			'Held: what a full garbage collection leaves, looked at ten times during a run and at its end, over what was there before the items. Time includes these collections and is no measure of speed.',
			'Input and output: bytes of the items and the answers as JSON, the input that an output item repeats counted once. RSS also counts garbage that V8 did not need to collect: it may take up to 8 GB here.',
			'An image lives in n8n’s storage, not in its item, so what a further item holds should be its answer alone. The images are 1,000, not 10,000: that column says what ten times as many would hold.',
		],
	};
}

function heldRow({ id, label }: Entrant, { ownBytes, heldBytes, perItemBytes, rssBytes, seconds }: HeldMemory): Row {
	return {
		id,
		label,
		values: {
			own: ownBytes / mb,
			held: heldBytes / mb,
			ratio: heldBytes / ownBytes,
			perItem: perItemBytes / kb,
			rss: rssBytes / mb,
			seconds,
		},
	};
}

function growthRow({ id, label }: Entrant, { afterRuns }: HeldMemory): Row {
	const growth = percentile(afterRuns.slice(7), 0.5) - percentile(afterRuns.slice(1, 4), 0.5);
	return {
		id,
		label,
		values: {
			second: (afterRuns[1] ?? Number.NaN) / mb,
			tenth: (afterRuns[9] ?? Number.NaN) / mb,
			growth: growth / mb,
		},
	};
}

function heldTarget({ id, label, values }: Row): Target {
	return {
		id: `memory-held-${id}`,
		promise: `${label}: many items hold at most 2 × their own input and output`,
		measured: `${number(middle(values['ratio']), 2)} ×`,
		met: middle(values['ratio']) <= 2,
	};
}

function imageTarget({ id, label, values }: Row): Target {
	const perItem = middle(values['perItem']);
	return {
		id: `memory-images-${id}`,
		promise: `${label}: an image that was answered holds no more than its item and answer (${imageItemLimitKb} kB)`,
		measured: `${number(perItem, 1)} kB`,
		met: perItem <= imageItemLimitKb,
	};
}

function growthTarget({ id, label, values }: Row): Target {
	const growth = middle(values['growth']);
	return {
		id: `memory-growth-${id}`,
		promise: `${label}: no growth over 10 runs (less than ${noiseBytes / mb} MB)`,
		measured: `${number(growth, 2)} MB`,
		met: growth * mb < noiseBytes,
	};
}
