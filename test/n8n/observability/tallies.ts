import type { BilledCall } from './priced-vendors.ts';
import { providerIdOf } from './tickets-workflow.ts';

/**
 * What one source says happened, so that sources can be compared with `toEqual`. Costs in nano-dollars: sums of
 * fractions differ in their last digits.
 */
export interface Tally {
	readonly tasksByTier: Readonly<Record<string, number>>;
	readonly tasksByReasonCode: Readonly<Record<string, number>>;
	readonly answeredBy: Readonly<Record<string, number>>;
	readonly failuresByReason: Readonly<Record<string, number>>;
	readonly skipped: number;
	readonly unpriced: number;
	readonly nanoUsd: number;
}

export interface ItemAttempt {
	readonly provider: string;
	readonly outcome: string;
	readonly reason?: string;
	readonly costUsd: number | null;
}

/** The part of Success and Escalate items that is counted. */
export interface Item {
	readonly tier: number;
	readonly replayed?: boolean;
	readonly reasonCode?: string;
	readonly attempts: readonly ItemAttempt[];
}

/** A line of n8n's log that is ours. */
export type LogLine = {
	readonly event: string;
	readonly tier?: number;
	readonly reasonCode?: string;
	readonly replayed?: boolean;
} & Partial<ItemAttempt>;

/** A line of `/metrics`. */
interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** The part of a report that is compared. */
export interface ReportNumbers {
	readonly totals: {
		readonly tier1: { readonly tasks: number };
		readonly tier2: { readonly tasks: number };
		readonly tier3: { readonly tasks: number };
		readonly attempts: { readonly skipped: number };
		readonly costUsd: number;
		readonly unpricedLines: number;
	};
	readonly failures: readonly { readonly reason: string; readonly count: number }[];
	readonly escalations: readonly { readonly reasonCode: string; readonly count: number }[];
	readonly groups: readonly { readonly key: string; readonly answered: number }[];
}

export function tallyOfItems(items: readonly Item[]): Tally {
	const ended = items.filter(({ replayed }) => replayed !== true);
	return tallyOf(
		ended,
		ended.flatMap(({ attempts }) => attempts),
	);
}

export function tallyOfLog(lines: readonly LogLine[]): Tally {
	const ended = lines.filter(
		({ event, replayed }) => /^task-(answered|escalated)$/.test(event) && replayed === false,
	) as readonly { tier: number; reasonCode?: string }[];
	return tallyOf(ended, lines.filter(({ event }) => event === 'attempt-end') as unknown as readonly ItemAttempt[]);
}

function tallyOf(
	ended: readonly { readonly tier: number; readonly reasonCode?: string }[],
	attempts: readonly ItemAttempt[],
): Tally {
	const calls = attempts.filter(({ outcome }) => outcome !== 'skipped');
	return {
		tasksByTier: countBy(ended.map(({ tier }) => tier)),
		tasksByReasonCode: countBy(ended.flatMap(({ reasonCode }) => reasonCode ?? [])),
		answeredBy: countBy(calls.flatMap(({ outcome, provider }) => (outcome === 'answered' ? provider : []))),
		failuresByReason: countBy(calls.flatMap(({ outcome, reason }) => (outcome === 'failed' ? (reason ?? '') : []))),
		skipped: attempts.length - calls.length,
		unpriced: attempts.filter(({ costUsd }) => costUsd === null).length,
		nanoUsd: nano(attempts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)),
	};
}

export function tallyOfMetrics(text: string): Tally {
	const samples = text.split('\n').flatMap(readSample);
	const of = (name: string, labels: Readonly<Record<string, string>> = {}) =>
		samples.filter(
			(sample) =>
				sample.name === `resilient_llm_${name}` &&
				Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
		);
	const sumBy = (found: readonly Sample[], label: string) => {
		const sums: Record<string, number> = {};
		for (const { labels, value } of found) sums[labels[label] ?? ''] = (sums[labels[label] ?? ''] ?? 0) + value;
		return sums;
	};
	const total = (found: readonly Sample[]) => found.reduce((sum, { value }) => sum + value, 0);
	const { none: _, ...reasonCodes } = sumBy(of('tasks_total'), 'reason_code');
	return {
		tasksByTier: sumBy(of('tasks_total'), 'tier'),
		tasksByReasonCode: reasonCodes,
		answeredBy: sumBy(of('attempts_total', { outcome: 'answered' }), 'provider'),
		failuresByReason: sumBy(of('attempts_total', { outcome: 'failed' }), 'reason'),
		skipped: total(of('attempts_total', { outcome: 'skipped' })),
		unpriced: total(of('unpriced_attempts_total')),
		nanoUsd: nano(total(of('attempt_cost_usd_sum'))),
	};
}

export function replaysIn(metrics: string): number {
	return metrics
		.split('\n')
		.flatMap(readSample)
		.reduce((sum, { name, value }) => (name === 'resilient_llm_replays_total' ? sum + value : sum), 0);
}

function readSample(line: string): readonly Sample[] {
	const [, name, labels, value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
	if (name === undefined || value === undefined) return [];
	const pairs = [...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text] as const);
	return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
}

export function tallyOfReport({ totals, failures, escalations, groups }: ReportNumbers): Tally {
	const { tier1, tier2, tier3 } = totals;
	const byName = (rows: readonly (readonly [string, number])[]) => {
		const sums: Record<string, number> = {};
		for (const [name, count] of rows) if (count > 0) sums[name] = (sums[name] ?? 0) + count;
		return sums;
	};
	return {
		tasksByTier: byName([
			['1', tier1.tasks],
			['2', tier2.tasks],
			['3', tier3.tasks],
		]),
		tasksByReasonCode: byName(escalations.map(({ reasonCode, count }) => [reasonCode, count])),
		answeredBy: byName(groups.map(({ key, answered }) => [key, answered])),
		failuresByReason: byName(failures.map(({ reason, count }) => [reason, count])),
		skipped: totals.attempts.skipped,
		unpriced: totals.unpricedLines,
		nanoUsd: nano(totals.costUsd),
	};
}

/**
 * What the vendors know: who was called how often, who answered, what they bill. A call that timed out is billed by
 * nobody here.
 */
export function tallyOfJournal(journal: readonly BilledCall[]) {
	return {
		calls: countBy(journal.map(({ vendor }) => providerIdOf(vendor))),
		answeredBy: countBy(journal.flatMap(({ vendor, fate }) => (fate === 'ok' ? providerIdOf(vendor) : []))),
		unpriced: journal.filter(({ fate }) => fate === 'hangs').length,
		nanoUsd: nano(journal.reduce((sum, { usd }) => sum + usd, 0)),
	};
}

export function countBy(names: readonly (string | number)[]): Readonly<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}

function nano(usd: number): number {
	return Math.round(usd * 1e9);
}
