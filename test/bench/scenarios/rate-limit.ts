import { contenders } from '../contenders/index.ts';
import { inFreshProcess } from '../measure/child.ts';
import type { AllAnswered, AllAtOnce } from '../measure/measured/all-at-once.ts';
import { spreadOf } from '../measure/statistics.ts';
import type { Row, ScenarioResult, Target } from '../report/result.ts';
import { middle, number } from '../report/text-table.ts';
import type { Bench } from './scenario.ts';

const items = 100;
const perSecond = 10;
/** The bucket is full at the start. */
const idealSeconds = (items - perSecond) / perSecond;
const withinMs = 90_000;
/** The node's own limit; each other one gets the same where it takes it. */
const maxAttempts = 20;

interface Entrant {
	readonly id: string;
	readonly contender: string;
	readonly label: string;
	readonly kind: string;
	readonly concurrency: number;
}

/** A hundred items at once for a provider that answers ten a second and refuses the rest with Retry-After. */
export async function rateLimit({ provider, peers, quick, progress }: Bench): Promise<ScenarioResult> {
	const entrants: readonly Entrant[] = contenders(peers)
		.filter(({ id }) => !id.startsWith('ours-node'))
		.flatMap(({ id, label, kind }) => [
			{ id, contender: id, label, kind, concurrency: items },
			...(id === 'ours-batch-embedded'
				? [{ id: `${id}-5`, contender: id, label: `${label}, at its default concurrency of 5`, kind, concurrency: 5 }]
				: []),
		]);
	const rounds = quick ? 1 : 3;
	const rows: Row[] = [];
	for (const { id, contender, label, kind, concurrency } of entrants) {
		const runs: (AllAnswered & { readonly refused: number })[] = [];
		for (let round = 1; round <= rounds; round += 1) {
			progress(`${label}, round ${round} of ${rounds}`);
			const lane = `rate-limit-${id}-${round}`;
			const route = { maxAttempts, baseDelayMs: 1000, timeoutMs: 45_000 };
			const input: AllAtOnce = {
				contender,
				route: { ...route, baseUrls: [provider.baseUrl(`bucket-${perSecond}`, lane)] },
				warmUp: { ...route, baseUrls: [provider.baseUrl('answer-0', `warm-${lane}`)] },
				items,
				concurrency,
				withinMs,
			};
			const ended = await inFreshProcess<AllAnswered>('all-at-once.ts', input, { withinMs: withinMs + 30_000 });
			const { counts } = await provider.journal(lane);
			runs.push({
				...(ended ?? { answered: 0, failed: items, seconds: withinMs / 1000 }),
				refused: counts['429'] ?? 0,
			});
		}
		rows.push({
			id,
			label,
			values: {
				kind,
				refused: spreadOf(runs.map(({ refused }) => refused)),
				answered: spreadOf(runs.map(({ answered }) => answered)),
				seconds: spreadOf(runs.map(({ seconds }) => seconds)),
				overIdeal: spreadOf(runs.map(({ seconds }) => seconds / idealSeconds)),
			},
		});
	}
	return {
		name: 'rate-limit',
		title: `${items} items at once, a provider that answers ${perSecond} a second`,
		tables: [
			{
				id: 'rate-limit',
				title: `Ideal: ${items} answered, none refused, ${idealSeconds.toFixed(0)} s`,
				columns: [
					{ key: 'answered', title: 'answered', digits: 0 },
					{ key: 'refused', title: 'refused calls', digits: 0 },
					{ key: 'seconds', title: 'time', unit: 's', digits: 1 },
					{ key: 'overIdeal', title: 'time ÷ ideal', unit: '×', digits: 2 },
				],
				rows,
			},
		],
		targets: ['ours-batch-none', 'ours-batch-embedded'].flatMap((id) => targetsOf(rows.find((row) => row.id === id))),
		notes: [
			`Each with ${maxAttempts} calls an item (Portkey takes 6 at most), a first pause of 1 s where that can be set, no fallback. Who is not done after ${withinMs / 1000} s is stopped. Fewer answers can mean less time: read both.`,
			`The bucket holds ${perSecond} at the start. Retry-After comes in whole seconds, as providers send it.`,
		],
	};
}

function targetsOf(row: Row | undefined): readonly Target[] {
	if (row === undefined) return [];
	const { refused, answered, overIdeal } = row.values;
	const target = (id: string, promise: string, measured: string, met: boolean): Target => ({
		id: `rate-limit-${id}-${row.id}`,
		promise: `${row.label}: ${promise}`,
		measured,
		met,
	});
	return [
		target('refused', 'at most 15 calls are refused', number(middle(refused), 0), middle(refused) <= 15),
		target('answered', 'all 100 are answered', number(middle(answered), 0), middle(answered) === items),
		target(
			'time',
			'at most 1.2 × the ideal time',
			`${number(middle(overIdeal), 2)} ×`,
			middle(overIdeal) <= 1.2 && middle(answered) === items,
		),
	];
}
