import { contenders } from '../contenders/index.ts';
import type { Caller, Contender } from '../contenders/contender.ts';
import { collectYoungGarbage, concurrently, inRounds } from '../measure/rounds.ts';
import { spreadOf } from '../measure/statistics.ts';
import type { ScenarioResult, Table } from '../report/result.ts';
import { plainRoute } from './overhead.ts';
import type { Bench } from './scenario.ts';

const latencyMs = 200;

interface Load {
	readonly items: number;
	readonly concurrency: number;
	readonly rounds: number;
}

/** One at a time, or five, takes minutes for 1,000 items whoever does it, so fewer show the same. */
const loads: readonly Load[] = [
	{ items: 20, concurrency: 1, rounds: 3 },
	{ items: 200, concurrency: 5, rounds: 3 },
	{ items: 1000, concurrency: 50, rounds: 5 },
	{ items: 10_000, concurrency: 50, rounds: 1 },
];
const quickLoads: readonly Load[] = [
	{ items: 5, concurrency: 1, rounds: 1 },
	{ items: 1000, concurrency: 50, rounds: 1 },
];

interface Measured {
	readonly seconds: number;
	readonly cpuMs: number;
}

/** Many items at once, with a provider that takes 200 ms for each. */
export async function throughput({ provider, peers, quick, progress }: Bench): Promise<ScenarioResult> {
	// A single item's execution says nothing here.
	const entrants = contenders(peers).filter(({ id }) => !id.startsWith('ours-node'));
	const callers = new Map<Contender, Caller>();
	for (const contender of entrants) {
		callers.set(
			contender,
			await contender.open({
				...plainRoute,
				baseUrls: [provider.baseUrl(`answer-${latencyMs}`, `throughput-${contender.id}`)],
			}),
		);
	}
	for (const caller of callers.values()) await run(caller, 100, 50);

	const tables: Table[] = [];
	for (const load of quick ? quickLoads : loads) {
		const measured = new Map<Contender, Measured[]>(entrants.map((contender) => [contender, []]));
		await inRounds(
			load.rounds,
			entrants,
			async (contender) => {
				const caller = callers.get(contender);
				if (caller !== undefined) measured.get(contender)?.push(await run(caller, load.items, load.concurrency));
			},
			(text) => progress(`${load.items} items, ${load.concurrency} at once, ${text}`),
		);
		tables.push(tableOf(load, measured));
	}
	for (const caller of callers.values()) await caller.close?.();
	return {
		name: 'throughput',
		title: `Throughput at ${latencyMs} ms of provider latency`,
		tables,
		targets: [],
		notes: [
			'The ideal is what the provider takes alone: items × 200 ms ÷ concurrency. Resilient LLM runs all items as one execution of the node with that concurrency; the others as that many loops.',
			'One and five at a time run fewer items than 1,000: their time is the provider’s, and grows with the items.',
		],
	};
}

async function run(caller: Caller, items: number, concurrency: number): Promise<Measured> {
	const prompt = 'Summarise this ticket in one sentence. '.repeat(20);
	collectYoungGarbage();
	const cpuBefore = process.cpuUsage();
	const outsideBefore = caller.outsideCpu?.() ?? 0;
	const start = performance.now();
	if (caller.batch !== undefined) await caller.batch(prompt, items, concurrency);
	else await concurrently(items, concurrency, async () => await caller.call(prompt));
	const seconds = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpuBefore);
	return { seconds, cpuMs: (user + system + (caller.outsideCpu?.() ?? 0) - outsideBefore) / 1000 / items };
}

function tableOf({ items, concurrency }: Load, measured: ReadonlyMap<Contender, readonly Measured[]>): Table {
	const idealSeconds = (items * latencyMs) / 1000 / concurrency;
	return {
		id: `throughput-${items}-${concurrency}`,
		title: `${items.toLocaleString('en')} items, ${concurrency} at once: ideal ${idealSeconds.toFixed(1)} s`,
		columns: [
			{ key: 'seconds', title: 'time', unit: 's', digits: 2 },
			{ key: 'overIdeal', title: 'time ÷ ideal', unit: '×', digits: 3 },
			{ key: 'perSecond', title: 'items a second', digits: 1 },
			{ key: 'cpuMs', title: 'CPU an item', unit: 'ms', digits: 2 },
		],
		rows: [...measured].map(([{ id, label, kind }, runs]) => ({
			id,
			label,
			values: {
				kind,
				seconds: spreadOf(runs.map(({ seconds }) => seconds)),
				overIdeal: spreadOf(runs.map(({ seconds }) => seconds / idealSeconds)),
				perSecond: spreadOf(runs.map(({ seconds }) => items / seconds)),
				cpuMs: spreadOf(runs.map(({ cpuMs }) => cpuMs)),
			},
		})),
	};
}
