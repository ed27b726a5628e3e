import type { Group, Worst } from './worst';

const columns = [
	'Limit',
	'Used by others',
	'Turned away',
	'Refused per 100',
	'Time ÷ ideal',
	'Wait ÷ turn',
	'Answered',
];

/** The table of `docs/rate-limits.md` for servers that say when they take calls again, or for those that do not. */
export function tableOf(groups: readonly Group[], word: Group['word']): string {
	const rows = groups.filter((group) => group.word === word).map(rowOf);
	return [row(columns), row(columns.map(() => '---')), ...rows.map(row)].join('\n');
}

/** One line on all groups of a kind. */
export function sumOf(groups: readonly Group[]): string {
	const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
	const cells = sum(groups.map((group) => group.cells));
	const turnedAway = sum(groups.map((group) => group.turnedAway));
	const fitting = sum(groups.map((group) => group.fitting));
	const missed = (rule: (group: Group) => Worst) => sum(groups.map((group) => rule(group).missed));
	return [
		`${cells.toLocaleString('en')} combinations, ${turnedAway} items turned away.`,
		`${fitting.toLocaleString('en')} fit the items’ time; of these,`,
		`${missed(({ refused }) => refused)} miss the rule on refusals,`,
		`${missed(({ timeRatio }) => timeRatio)} the one on time,`,
		`${missed(({ waitRatio }) => waitRatio)} the one on turns.`,
	].join(' ');
}

function rowOf(group: Group): readonly string[] {
	const { limitName, usage, turnedAway, refused, timeRatio, lateSeconds, waitRatio, fitting, leastAnswered } = group;
	const late = timeRatio.missed === 0 ? '' : `, up to +${lateSeconds.toFixed(1)} s`;
	return [
		limitName,
		usage,
		String(turnedAway),
		worst(refused, fitting, 0, ''),
		worst(timeRatio, fitting, 1, late),
		worst(waitRatio, fitting, 1, ''),
		`${Math.floor(leastAnswered)} %`,
	];
}

function worst({ value, missed }: Worst, of: number, digits: number, more: string): string {
	const shown = value.toFixed(digits);
	return missed === 0 ? shown : `**${shown}** (${missed} of ${of}${more})`;
}

function row(cells: readonly string[]): string {
	return `| ${cells.join(' | ')} |`;
}
