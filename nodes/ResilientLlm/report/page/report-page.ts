import { Html, html } from '../../page/html';
import { logo } from '../../page/logo';
import { dayAndTimeIn, momentIn } from '../../page/wording';
import { costLines } from '../digest';
import type { Health } from '../headline';
import type { Report } from '../report';
import { shortName, spanWords } from '../wording';
import { escalationTable, failedCalls, skippedModels } from './failure-tables';
import { groupTable } from './group-table';
import { darkStyle, style } from './style';
import { tierTable } from './tier-table';
import { tiles } from './tiles';
import { timeline } from './timeline';
import { trendTable } from './trend-table';

const signs: Readonly<Record<Health, string>> = {
	alert: 'Alert',
	well: 'All well',
	worse: 'Worse than before',
	unclear: 'Too few tasks',
	silent: 'No tasks',
};

/**
 * The report as one HTML document, for browsers and for the body of an email. It contains no script and loads nothing;
 * a Content-Security-Policy in a meta tag enforces this even if the server sends no headers. All names are escaped.
 */
export function reportPage(report: Report, timeZone: string): string {
	const { health, window, totals } = report;
	const anything = totals.tasks > 0 || totals.attempts.calls > 0;
	const [headline = '', ...rest] = report.headline.split(/(?<=\.) (?=[A-Z])/);
	return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${signs[health]} · Resilient LLM report</title>
<style>${new Html(style)}</style>
<style>${new Html(darkStyle)}</style>
</head>
<body>
<header class="bar">${logo}<strong>Resilient LLM</strong> · Report</header>
<main class="main">
<p class="eyebrow">${scope(report)}</p>
<p class="sign ${health}">${signs[health]}</p>
<h1>${headline}</h1>
${rest.length > 0 && html`<p class="lead">${rest.join(' ')}</p>`}
<p class="note when">${dayAndTimeIn(timeZone, Date.parse(window.from))} to ${momentIn(timeZone, Date.parse(window.to))}, compared with the ${spanWords(Math.round(window.hours * 60))} before</p>
<div class="${report.alert && report.changes.length > 0 && 'pair'}">${listCard('Why this is an alert', 'alert', report.alertReasons)}${listCard('What changed', 'change', report.changes)}</div>
${anything && tiles(report)}
${totals.tasks > 0 && html`<div class="pair wide-first">${card(tierTable(report))}${costCard(report)}</div>`}
${anything && timeline(report, timeZone)}
${card(groupTable(report))}
<div class="pair">${card(failedCalls(report))}
<div>${card(escalationTable(report))}${card(skippedModels(report))}</div></div>
${(anything || report.changes.length > 0) && card(trendTable(report))}
</main>
<footer class="foot"><p>It counts the runs that are kept in this task store. Answers given again from the store are not counted. Latencies are right within 2%.</p></footer>
</body>
</html>
`.text;
}

function scope({ window, workflow }: Report): Html {
	const span = `Last ${spanWords(Math.round(window.hours * 60))}`;
	return workflow === null
		? html`${span} · All workflows`
		: html`${span} · <bdi>${shortName(workflow.name || workflow.id)}</bdi>`;
}

function card(content: Html | undefined): Html | undefined {
	return content && html`<section class="card">${content}</section>`;
}

function listCard(title: string, kind: 'alert' | 'change', lines: readonly string[]): Html | undefined {
	if (lines.length === 0) return undefined;
	return html`<section class="card mark ${kind}"><h2>${title}</h2><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

function costCard(report: Report): Html {
	return html`<section class="card"><h2>Cost</h2><ul>${costLines(report).map((line) => html`<li>${line}</li>`)}</ul></section>`;
}
