import { html, type Html } from '../../page/html';
import { exactly, money } from '../../page/wording';
import { costOf } from '../headline';
import type { Report } from '../report';
import type { TrendLine } from '../trend';
import { number, percent } from '../wording';

type Shown = (value: number) => string;

/** The most important numbers, each with its value in the window before. */
export function tiles({ totals, trend }: Report): Html {
	const { tier1, fallbackRate, escalationRate, attempts, latencyMs } = totals;
	return html`<dl class="tiles">
${tile('Tasks', number(totals.tasks), trend.tasks, number)}
${tile('By the first model', percent(tier1.share))}
${tile('By a fallback', percent(fallbackRate), trend.fallbackRate, percent, 'up')}
${tile('By a human', percent(escalationRate), trend.escalationRate, percent, 'up')}
${tile('Failed calls', percent(attempts.failureRate), trend.failureRate, percent, 'up')}
${tile('95% within', latencyMs.p95 === null ? '–' : exactly(latencyMs.p95), trend.p95LatencyMs, exactly, 'up')}
${tile('Cost', costOf(totals, '≥ '), trend.costUsd, money, 'up')}
</dl>`;
}

function tile(name: string, value: string, trend?: TrendLine, shown: Shown = number, worse?: 'up'): Html {
	const gotWorse = trend?.sentence != null && worse === 'up' && (trend.change ?? 0) > 0;
	return html`<div><dt>${name}</dt><dd>${value}${trend !== undefined && trend.before !== null && html`<small${gotWorse && html` class="worse"`}>${shown(trend.before)} before</small>`}</dd></div>
`;
}
