import { exactly, money, momentIn } from '../page/wording';
import type { FailureRow } from './failures';
import { costOf } from './headline';
import type { Report } from './report';
import type { TierTotals } from './totals';
import { counted, failurePhrase, number, percent, providerLabel, shortName, spanWords } from './wording';

/** Lines and letters: a message of more than a screen is not read, and Slack takes 3000 characters in a section. */
const most = { changes: 5, failures: 4, skips: 2, escalations: 3, nameLetters: 60 } as const;

/** What a model failed how often, for a line of its own. */
interface Trouble {
	readonly count: number;
	readonly words: string;
}

/**
 * The report for a chat message. `*bold*` and `code` are all the markup it has: Slack shows both, Markdown shows them
 * in italics and as code, and plain text stays readable. Names go into code, where they can mention nobody and link
 * nowhere.
 */
export function digestOf(report: Report, timeZone: string): string {
	const { headline, window, workflow, alertReasons, changes, totals } = report;
	const span = spanWords(Math.round(window.hours * 60));
	const parts = [
		[
			`*${headline}*`,
			`The ${span} to ${momentIn(timeZone, Date.parse(window.to))}${workflow === null ? '' : `, workflow ${code(workflow.name || workflow.id)}`}`,
		],
		section('Why this is an alert', alertReasons),
		section('What changed', changes.slice(0, most.changes)),
		totals.tasks > 0 ? section('Who answered', tierLines(report)) : [],
		section(
			`Failed calls: ${number(totals.attempts.failed)} of ${number(totals.attempts.calls)}`,
			troubleLines(report.failures, most.failures),
		),
		section('Passed over without a call', troubleLines(report.skipped, most.skips)),
		section(
			'Why tasks went to a human',
			report.escalations
				.slice(0, most.escalations)
				.map(({ meaning, count }) => `${meaning}: ${counted(count, 'task')}`),
		),
		totals.attempts.calls > 0 ? section('Cost', costLines(report)) : [],
	];
	return parts
		.filter((lines) => lines.length > 0)
		.map((lines) => lines.join('\n'))
		.join('\n\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
	return lines.length === 0 ? [] : [`*${title}*`, ...lines.map((line) => `- ${line}`)];
}

function tierLines({ totals }: Report): readonly string[] {
	const line = (name: string, { tasks, share, latencyMs }: TierTotals, pace: string) =>
		`${name}: ${percent(share)}, ${counted(tasks, 'task')}${latencyMs.p95 === null ? '' : `, 95% ${pace} ${exactly(latencyMs.p95)}`}`;
	return [
		line('First model', totals.tier1, 'within'),
		line('Fallback', totals.tier2, 'within'),
		line('A human', totals.tier3, 'handed over within'),
	];
}

function troubleLines(rows: readonly FailureRow[], shown: number): readonly string[] {
	const troubles: Trouble[] = rows.flatMap(({ reason, httpStatus, models }) =>
		models.map(({ provider, model, count }) => ({
			count,
			words: `${providerLabel(provider) ?? code(provider)} ${code(model)} ${failurePhrase(reason, httpStatus)}`,
		})),
	);
	const sorted = troubles.sort((a, b) => b.count - a.count);
	const left = sorted.slice(shown).reduce((sum, { count }) => sum + count, 0);
	return [
		...sorted.slice(0, shown).map(({ words, count }) => `${words}: ${number(count)}`),
		...(left > 0 ? [`others: ${number(left)}`] : []),
	];
}

/** What was spent, and what is not known about it. */
export function costLines({ totals }: Report): readonly string[] {
	const { unpricedLines, costPerAnsweredTaskUsd, fallbacks } = totals;
	const each = costPerAnsweredTaskUsd === null ? '' : `, ${money(costPerAnsweredTaskUsd)} per answered task`;
	return [
		`${costOf(totals)}${each}`,
		...(unpricedLines > 0 ? [`The cost of ${counted(unpricedLines, 'call')} is not known`] : []),
		...(fallbacks.extraCostUsd === null ? [] : [fallbackCost(fallbacks.extraCostUsd, fallbacks.comparedTasks)]),
	];
}

/** What fallbacks cost against the first model, as far as that can be compared. */
export function fallbackCost(extraCostUsd: number, comparedTasks: number): string {
	const tasks = counted(comparedTasks, 'fallback answer');
	if (extraCostUsd === 0) return `${tasks} cost as much as the first model would have`;
	return `${tasks} cost ${money(Math.abs(extraCostUsd))} ${extraCostUsd > 0 ? 'more' : 'less'} than the first model would have`;
}

function code(name: string): string {
	return `\`${plain(name)}\``;
}

/** A name on one line that no chat program takes for markup, a mention or a direction to write in. */
function plain(name: string): string {
	const text = name
		.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, ' ')
		.replaceAll('<', '‹')
		.replaceAll('>', '›')
		.replaceAll('`', '′')
		.trim();
	return shortName(text, most.nameLetters) || '?';
}
