import { anthropicContenders, contenders } from '../contenders/index.ts';
import type { Caller, Contender, Route } from '../contenders/contender.ts';
import { collectYoungGarbage, inRounds } from '../measure/rounds.ts';
import { percentile, spreadOf } from '../measure/statistics.ts';
import type { Row, ScenarioResult, Table, Target } from '../report/result.ts';
import { middle, number } from '../report/text-table.ts';
import type { Bench } from './scenario.ts';

/** What one round of one contender gave, in µs a call. */
interface Slice {
	readonly p50: number;
	readonly p99: number;
	readonly cpu: number;
}

interface Entrant {
	readonly contender: Contender;
	readonly caller: Caller;
	readonly slices: Slice[];
}

const prompt = 'A customer writes: my amplifier arrived with a scratch on its front. May I send it back? '.repeat(10);

/** Successful calls, one after the other, to a provider that answers at once. */
export async function overhead({ provider, peers, quick, progress }: Bench): Promise<ScenarioResult> {
	const rounds = quick ? 5 : 25;
	const calls = quick ? 100 : 300;
	const all = [...contenders(peers), ...anthropicContenders];
	const entrants: Entrant[] = [];
	for (const contender of all) {
		const lanes = contender.fallsBack ? ['first', 'fallback'] : ['first'];
		const route: Route = {
			...plainRoute,
			baseUrls: lanes.map((lane) => provider.baseUrl('answer-0', `overhead-${lane}-${contender.id}`)),
		};
		entrants.push({ contender, caller: await contender.open(route), slices: [] });
	}
	progress('warming up');
	for (const { caller } of entrants) await slice(caller, quick ? 300 : 1500);
	await inRounds(
		rounds,
		entrants,
		async ({ caller, slices }) => void slices.push(await slice(caller, calls)),
		progress,
	);
	for (const { caller } of entrants) await caller.close?.();

	const tables = (['openAi', 'anthropic'] as const).map((protocol) =>
		tableOf(
			protocol,
			entrants.filter(({ contender }) => contender.protocol === protocol),
		),
	);
	return {
		name: 'overhead',
		title: 'Overhead of a successful call',
		tables,
		targets: targetsOf(tables[0]),
		notes: [
			`${rounds} rounds of ${calls} calls each, one at a time, interleaved in one process; the provider answers at once, so a call is its client's own work and one trip over loopback.`,
			'Added is the contender’s p50 less the floor’s p50 of the same round. A whole node is one execution: with one item, or with as many items as a round has calls, one after the other, what the execution does for all of them shared out.',
			'CPU is this process’s own plus, for Portkey, the gateway’s.',
		],
	};
}

export const plainRoute = { maxAttempts: 3, baseDelayMs: 1000, timeoutMs: 45_000 } as const;

async function slice(caller: Caller, calls: number): Promise<Slice> {
	collectYoungGarbage();
	const cpuBefore = process.cpuUsage();
	const outsideBefore = caller.outsideCpu?.() ?? 0;
	const times = (await caller.batch?.(prompt, calls, 1)) ?? (await callTimes(caller, calls));
	const { user, system } = process.cpuUsage(cpuBefore);
	const outside = (caller.outsideCpu?.() ?? 0) - outsideBefore;
	return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpu: (user + system + outside) / calls };
}

/** In µs. */
async function callTimes(caller: Caller, calls: number): Promise<readonly number[]> {
	const times: number[] = [];
	for (let call = 0; call < calls; call += 1) {
		const start = performance.now();
		await caller.call(prompt);
		times.push((performance.now() - start) * 1000);
	}
	return times;
}

function tableOf(protocol: 'openAi' | 'anthropic', entrants: readonly Entrant[]): Table {
	const floor = entrants.find(({ contender }) => contender.kind === 'floor')?.slices ?? [];
	return {
		id: `overhead-${protocol}`,
		title: protocol === 'openAi' ? 'Chat completions' : 'Anthropic messages',
		columns: [
			{ key: 'p50', title: 'p50', unit: 'µs', digits: 0 },
			{ key: 'p99', title: 'p99', unit: 'µs', digits: 0 },
			{ key: 'cpu', title: 'CPU', unit: 'µs', digits: 0 },
			{ key: 'added', title: 'added at p50', unit: 'µs', digits: 0 },
			{ key: 'addedCpu', title: 'added CPU', unit: 'µs', digits: 0 },
			{ key: 'ratio', title: 'ratio to the floor', unit: '×', digits: 2 },
		],
		rows: entrants.map(({ contender, slices }): Row => ({
			id: contender.id,
			label: contender.label,
			values: {
				kind: contender.kind,
				p50: spreadOf(slices.map(({ p50 }) => p50)),
				p99: spreadOf(slices.map(({ p99 }) => p99)),
				cpu: spreadOf(slices.map(({ cpu }) => cpu)),
				added:
					contender.kind === 'floor'
						? null
						: spreadOf(slices.map(({ p50 }, round) => p50 - (floor[round]?.p50 ?? Number.NaN))),
				addedCpu:
					contender.kind === 'floor'
						? null
						: spreadOf(slices.map(({ cpu }, round) => cpu - (floor[round]?.cpu ?? Number.NaN))),
				ratio: spreadOf(slices.map(({ p50 }, round) => p50 / (floor[round]?.p50 ?? Number.NaN))),
			},
		})),
	};
}

const limits = [
	{ id: 'ours-engine', who: 'Engine and adapter add', limitUs: 60 },
	{ id: 'ours-batch-none', who: 'The whole node without a store adds per item', limitUs: 60 },
	{ id: 'ours-batch-embedded', who: 'The whole node with the embedded store adds per item', limitUs: 400 },
];

function targetsOf(table: Table | undefined): readonly Target[] {
	const rows = table?.rows ?? [];
	const addedBy = (id: string) => middle(rows.find((row) => row.id === id)?.values['added']);
	const peers = rows
		.filter(({ values }) => values['kind'] === 'peer')
		.map((row) => ({ label: row.label, added: middle(row.values['added']) }));
	const least = peers.toSorted((one, other) => one.added - other.added)[0];
	return [
		...limits.map(({ id, who, limitUs }) => ({
			id: `overhead-${id}`,
			promise: `${who} at most ${limitUs} µs (p50)`,
			measured: `${number(addedBy(id), 0)} µs`,
			met: addedBy(id) <= limitUs,
		})),
		...limits.map(({ id, who }) => ({
			id: `overhead-below-peers-${id}`,
			promise: `${who} less than every peer (p50)`,
			measured: `${number(addedBy(id), 0)} µs against ${number(least?.added ?? Number.NaN, 0)} µs of ${least?.label ?? 'nobody'}`,
			met: addedBy(id) < (least?.added ?? Number.NaN),
		})),
	];
}
