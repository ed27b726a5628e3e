import { exactly, money, momentIn } from '../page/wording';
import type { FailureRow } from './failures';
import { costOf } from './headline';
import type { Report } from './report';
import type { TierTotals } from './totals';
import { counted, failurePhrase, number, percent, providerLabel, shortName, spanWords } from './wording';

/**
 * Most lines of each section, and letters of a name: longer messages are not read, and Slack allows 3000 characters in
 * a section.
 */
const most = { changes: 5, failures: 4, skips: 2, escalations: 3, nameLetters: 60 } as const;

/** A failure of one model, and how often it happened. */
interface Trouble {
	readonly count: number;
	readonly words: string;
}

/**
 * The report as a chat message. Its only markup is `*bold*` and backticks: Slack shows bold and code, Markdown italics
 * and code, and it stays readable as plain text. Names are put into code, where chat programs interpret neither
 * mentions nor links.
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

/** Lines about what was spent, and about the costs that are unknown. */
export function costLines({ totals }: Report): readonly string[] {
	const { unpricedLines, costPerAnsweredTaskUsd, fallbacks } = totals;
	const each = costPerAnsweredTaskUsd === null ? '' : `, ${money(costPerAnsweredTaskUsd)} per answered task`;
	return [
		`${costOf(totals)}${each}`,
		...(unpricedLines > 0 ? [`The cost of ${counted(unpricedLines, 'call')} is not known`] : []),
		...(fallbacks.extraCostUsd === null ? [] : [fallbackCost(fallbacks.extraCostUsd, fallbacks.comparedTasks)]),
	];
}

/**
 * How much more or less the answers of fallbacks cost than the first model would have; only of the answers for which
 * this is known.
 */
export function fallbackCost(extraCostUsd: number, comparedTasks: number): string {
	const tasks = counted(comparedTasks, 'fallback answer');
	if (extraCostUsd === 0) return `${tasks} cost as much as the first model would have`;
	return `${tasks} cost ${money(Math.abs(extraCostUsd))} ${extraCostUsd > 0 ? 'more' : 'less'} than the first model would have`;
}

function code(name: string): string {
	return `\`${plain(name)}\``;
}

/**
 * A name on one line, without characters that a chat program takes for markup or a mention, or that change the writing
 * direction.
 */
function plain(name: string): string {
	const text = name
		.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, ' ')
		.replaceAll('<', '‹')
		.replaceAll('>', '›')
		.replaceAll('`', '′')
		.trim();
	return shortName(text, most.nameLetters) || '?';
}
