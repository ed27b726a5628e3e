import { contenders } from '../contenders/index.ts';
import type { Contender } from '../contenders/contender.ts';
import { inRounds } from '../measure/rounds.ts';
import { percentile, spreadOf } from '../measure/statistics.ts';
import { refusingBaseUrl } from '../provider/provider.ts';
import type { ScenarioResult, Table, Target } from '../report/result.ts';
import { middle, number } from '../report/text-table.ts';
import type { Bench } from './scenario.ts';

const tasks = 50;
const directCalls = 60;
/** The first ones of them, while everything warms up. */
const unmeasured = 10;
/** From this task on, counted from 1, a circuit breaker that opens after five failures is open. */
const steadyFrom = 6;
const steadyLimitMs = 5;
/** No retries: what is measured is the way to the fallback, not the patience before it. */
const patience = { maxAttempts: 1, baseDelayMs: 1000, timeoutMs: 1000 } as const;

const faults = ['529', 'hang', 'refused'] as const;
type Fault = (typeof faults)[number];
const titles: Readonly<Record<Fault, string>> = {
	529: 'answers 529',
	hang: 'hangs (timeout 1 s)',
	refused: 'refuses connections',
};

interface Series {
	/** Calls of the fallback alone, with the same contender, in ms. */
	readonly direct: readonly number[];
	/** Each task with a dead first provider, in order, in ms. */
	readonly tasks: readonly number[];
}

/** How long a task takes when the first provider is dead and the second one well. */
export async function failover({ provider, peers, quick, progress }: Bench): Promise<ScenarioResult> {
	const entrants = contenders(peers).filter(({ fallsBack, id }) => fallsBack && !id.startsWith('ours-batch'));
	const refusing = await refusingBaseUrl();
	let lanes = 0;

	const well = () => provider.baseUrl('answer-0', `failover-well-${lanes}`);
	// A base URL of its own for each run, so that no circuit is open from the run before.
	const dead = (fault: Fault) => {
		lanes += 1;
		if (fault === 'refused') return refusing(`failover-${lanes}`);
		return provider.baseUrl(fault === 'hang' ? 'hang' : 'status-529', `failover-dead-${lanes}`);
	};
	const direct = async (contender: Contender) => (await timesOf(contender, [well()], directCalls)).slice(unmeasured);
	const behind = async (contender: Contender, fault: Fault) => await timesOf(contender, [dead(fault), well()], tasks);

	const tables: Table[] = [];
	for (const fault of faults) {
		const series = new Map<Contender, Series[]>(entrants.map((contender) => [contender, []]));
		const add = async (contender: Contender) =>
			void series.get(contender)?.push({ direct: await direct(contender), tasks: await behind(contender, fault) });
		if (fault === 'hang') {
			const patient = entrants.filter(({ breaksCircuit }) => !breaksCircuit);
			await inRounds(
				quick ? 1 : 3,
				entrants.filter(({ breaksCircuit }) => breaksCircuit),
				add,
				(text) => progress(`hang, ${text}`),
			);
			progress('hang, those without a circuit breaker');
			const alone = new Map<Contender, readonly number[]>();
			for (const contender of patient) alone.set(contender, await direct(contender));
			// They wait a second for every task, so they wait side by side.
			await Promise.all(
				patient.map(
					async (contender) =>
						void series
							.get(contender)
							?.push({ direct: alone.get(contender) ?? [], tasks: await behind(contender, fault) }),
				),
			);
		} else {
			await inRounds(quick ? 1 : 5, entrants, add, (text) => progress(`${fault}, ${text}`));
		}
		tables.push(tableOf(fault, series));
	}
	return {
		name: 'failover',
		title: 'Time to a fallback’s answer when the first provider is dead',
		tables,
		targets: faults.flatMap((fault, place) => targetsOf(fault, tables[place])),
		notes: [
			`${tasks} tasks, one after the other, one call a provider (no retries), a fallback that answers at once. Above: how much longer than calling the fallback alone with the same contender.`,
			'Tasks 6 to 50: their p50 less the p50 of the fallback alone, and p95 less p95; median of the rounds. With the hang, those without a circuit breaker run one round, side by side, as they only wait.',
		],
	};
}

async function timesOf(contender: Contender, baseUrls: readonly string[], count: number): Promise<readonly number[]> {
	const caller = await contender.open({ ...patience, baseUrls });
	const times: number[] = [];
	for (let task = 0; task < count; task += 1) {
		const start = performance.now();
		await caller.call('Who answers when the first one does not?');
		times.push(performance.now() - start);
	}
	await caller.close?.();
	return times;
}

function tableOf(fault: Fault, series: ReadonlyMap<Contender, readonly Series[]>): Table {
	return {
		id: `failover-${fault}`,
		title: `The first provider ${titles[fault]}`,
		columns: [
			{ key: 'direct', title: 'fallback alone', unit: 'ms', digits: 2 },
			{ key: 'first', title: '1st task, above', unit: 'ms', digits: 2 },
			{ key: 'steady', title: 'tasks 6–50, above at p50', unit: 'ms', digits: 2 },
			{ key: 'steadyP95', title: 'above at p95', unit: 'ms', digits: 2 },
			{ key: 'last', title: '50th task, above', unit: 'ms', digits: 2 },
		],
		rows: [...series].map(([{ id, label, kind }, runs]) => ({
			id,
			label,
			values: {
				kind,
				direct: spreadOf(runs.map(({ direct }) => percentile(direct, 0.5))),
				first: spreadOf(runs.map(({ direct, tasks: [first = Number.NaN] }) => first - percentile(direct, 0.5))),
				steady: spreadOf(runs.map((run) => steadyAbove(run, 0.5))),
				steadyP95: spreadOf(runs.map((run) => steadyAbove(run, 0.95))),
				last: spreadOf(runs.map((run) => (run.tasks.at(-1) ?? Number.NaN) - percentile(run.direct, 0.5))),
			},
		})),
	};
}

function steadyAbove(run: Series, share: number): number {
	return percentile(run.tasks.slice(steadyFrom - 1), share) - percentile(run.direct, share);
}

function targetsOf(fault: Fault, table: Table | undefined): readonly Target[] {
	return (table?.rows ?? [])
		.filter(({ id }) => id.startsWith('ours-'))
		.map(({ id, label, values }) => ({
			id: `failover-${fault}-${id}`,
			promise: `${label}: first provider ${titles[fault]}, from the 6th task on at most ${steadyLimitMs} ms above the fallback alone, at p50 and at p95`,
			measured: `${number(middle(values['steady']), 2)} ms and ${number(middle(values['steadyP95']), 2)} ms`,
			met: middle(values['steady']) <= steadyLimitMs && middle(values['steadyP95']) <= steadyLimitMs,
		}));
}
