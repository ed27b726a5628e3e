import { lstat, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage } from '../../n8n/install/package-install.ts';
import { removeOnExit } from '../../n8n/install/remove-on-exit.ts';
import { inFreshProcess } from '../measure/child.ts';
import type { FirstUse, UseTimes } from '../measure/measured/first-use.ts';
import type { LoadTime } from '../measure/measured/load-time.ts';
import { spreadOf } from '../measure/statistics.ts';
import type { Row, ScenarioResult } from '../report/result.ts';
import { middle, number } from '../report/text-table.ts';
import { plainRoute } from './overhead.ts';
import type { Bench } from './scenario.ts';

const mb = 1_000_000;
const name = 'n8n-nodes-resilient-llm';

/** What the package costs an n8n that starts, a workflow that uses it for the first time, and the disk. */
export async function load({ provider, quick, progress }: Bench): Promise<ScenarioResult> {
	const starts: LoadTime[] = [];
	const times = quick ? 5 : 20;
	for (let start = 1; start <= times; start += 1) {
		progress(`start ${start} of ${times}`);
		starts.push(await must(inFreshProcess<LoadTime>('load-time.ts', {})));
	}
	const loadRow: Row = {
		id: 'ours',
		label: 'Nodes and credentials',
		values: {
			ms: spreadOf(starts.map(({ ms }) => ms)),
			heap: spreadOf(starts.map(({ heapBytes }) => heapBytes / mb)),
			rss: spreadOf(starts.map(({ rssBytes }) => rssBytes / mb)),
			files: starts[0]?.files ?? Number.NaN,
		},
	};
	const firstRows: Row[] = [];
	for (const [protocol, store] of [
		['openAi', 'none'],
		['openAi', 'embedded'],
		['anthropic', 'none'],
		['anthropic', 'embedded'],
	] as const) {
		progress(`first use of ${protocol}, store ${store}`);
		const uses: UseTimes[] = [];
		for (let use = 0; use < (quick ? 3 : 10); use += 1) {
			const route = { ...plainRoute, baseUrls: [provider.baseUrl('answer-0', 'load')] };
			uses.push(
				await must(inFreshProcess<UseTimes>('first-use.ts', { provider: protocol, store, route } satisfies FirstUse)),
			);
		}
		firstRows.push({
			id: `${protocol}-${store}`,
			label: `${protocol === 'openAi' ? 'OpenAI' : 'Anthropic'}, ${store === 'none' ? 'without a store' : 'embedded store'}`,
			values: {
				first: spreadOf(uses.map(({ firstMs }) => firstMs)),
				second: spreadOf(uses.map(({ secondMs }) => secondMs)),
			},
		});
	}
	progress('packing');
	const size = await installedSize();
	const loadMs = middle(loadRow.values['ms']);
	const loadMb = middle(loadRow.values['heap']);
	return {
		name: 'load',
		title: 'Load time, first use, size',
		tables: [
			{
				id: 'load',
				title: 'When n8n starts',
				columns: [
					{ key: 'ms', title: 'time', unit: 'ms', digits: 1 },
					{ key: 'heap', title: 'heap', unit: 'MB', digits: 2 },
					{ key: 'rss', title: 'RSS', unit: 'MB', digits: 1 },
					{ key: 'files', title: 'files', digits: 0 },
				],
				rows: [loadRow],
			},
			{
				id: 'first-use',
				title: 'The first execution of a process',
				columns: [
					{ key: 'first', title: 'first', unit: 'ms', digits: 0 },
					{ key: 'second', title: 'second', unit: 'ms', digits: 1 },
				],
				rows: firstRows,
			},
			{
				id: 'size',
				title: 'On the disk, as n8n installs it',
				columns: [{ key: 'mb', title: 'size', unit: 'MB', digits: 1 }],
				rows: Object.entries(size).map(([id, bytes]) => ({ id, label: id, values: { mb: bytes / mb } })),
			},
		],
		targets: [
			{
				id: 'load-time',
				promise: 'Loads within 40 ms when n8n starts',
				measured: `${number(loadMs, 1)} ms`,
				met: loadMs <= 40,
			},
			{
				id: 'load-memory',
				promise: 'Takes at most 10 MB of heap when n8n starts',
				measured: `${number(loadMb, 2)} MB`,
				met: loadMb <= 10,
			},
			...firstRows.map(({ id, label, values }) => ({
				id: `first-use-${id}`,
				promise: `First use within 350 ms (${label})`,
				measured: `${number(middle(values['first']), 0)} ms`,
				met: middle(values['first']) <= 350,
			})),
		],
		notes: [
			`Fresh processes, ${times} of them; n8n-workflow is loaded before the clock starts, as n8n has it loaded. Files are in the machine’s file cache; the first start after a boot is slower.`,
			'First use: the whole first execution with one item and a provider that answers at once; it loads the SDK, the price data and, with a store, SQLite.',
		],
	};
}

async function must<T>(result: Promise<T | undefined>): Promise<T> {
	const value = await result;
	if (value === undefined) throw new Error('A measurement took too long');
	return value;
}

/** In bytes: the package itself, what it depends on at run time, and the largest of those. */
async function installedSize(): Promise<Readonly<Record<string, number>>> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-bench-'));
	const removeFolder = removeOnExit(folder);
	try {
		await installPackage(folder);
		const target = join(folder, 'nodes', 'node_modules', name);
		const dependencies = await realpath(join(target, 'node_modules'));
		const own = await bytesBelow(target);
		const others = await Promise.all(
			(await readdir(dependencies)).map(
				async (dependency) => [dependency, await bytesBelow(join(dependencies, dependency))] as const,
			),
		);
		const largest = others.toSorted(([, one], [, other]) => other - one).slice(0, 6);
		const all = others.reduce((sum, [, bytes]) => sum + bytes, 0);
		return {
			'the package': own,
			'its dependencies': all,
			'both together': own + all,
			...Object.fromEntries(largest.map(([dependency, bytes]) => [`· ${dependency}`, bytes])),
		};
	} finally {
		await removeFolder();
	}
}

/** Links are not followed. */
async function bytesBelow(path: string): Promise<number> {
	const found = await lstat(path);
	if (!found.isDirectory()) return found.size;
	const sizes = await Promise.all((await readdir(path)).map(async (entry) => await bytesBelow(join(path, entry))));
	return sizes.reduce((sum, size) => sum + size, 0);
}
