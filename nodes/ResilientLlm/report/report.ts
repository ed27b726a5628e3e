import type { EpochMs } from '../engine/clock';
import { alertsOf, isRateTooHigh, type Thresholds } from './alert';
import { escalationRows, type EscalationRow, type FailureRow } from './failures';
import type { Group, GroupBy } from './groups';
import { headlineOf, type Health } from './headline';
import { readWindow, type LedgerReading } from './read-ledger';
import { windowBefore, windowUntil, type TimeSpan } from './report-window';
import { totalsOf, type Totals } from './totals';
import { trendOf, type Trend } from './trend';
import type { SeriesPoint } from './window-tally';
import { counted, failurePhrase, spanWords } from './wording';

export interface ReportRequest extends LedgerReading {
	readonly now: EpochMs;
	/** Length of the window in minutes, at least 1. */
	readonly minutes: number;
	readonly thresholds: Thresholds;
	/** IANA time zone for times in sentences. */
	readonly timeZone: string;
}

/** ISO 8601 in UTC. `to` is exclusive. */
interface Between {
	readonly from: string;
	readonly to: string;
}

/** The report about a window. This is the output of the node's operation, so workflows depend on its shape. */
export interface Report {
	readonly headline: string;
	readonly alert: boolean;
	readonly alertReasons: readonly string[];
	/** What is new or has changed notably since the window before, one sentence each. */
	readonly changes: readonly string[];
	readonly health: Health;
	readonly window: Between & { readonly hours: number; readonly previous: Between };
	/** Null: all workflows. */
	readonly workflow: { readonly id: string; readonly name: string } | null;
	readonly totals: Totals;
	readonly trend: Trend;
	/** Failed calls by reason and HTTP status. */
	readonly failures: readonly FailureRow[];
	/** Models passed over without a call. */
	readonly skipped: readonly FailureRow[];
	/** Why tasks went to a human. */
	readonly escalations: readonly EscalationRow[];
	readonly groupBy: GroupBy;
	readonly groups: readonly Group[];
	readonly series: readonly SeriesPoint[];
	readonly thresholds: Thresholds;
}

/** Creates the report from the ledger. Rejects when the store does. */
export async function createReport(request: ReportRequest): Promise<Report> {
	const { minutes, thresholds, groupBy, workflowId, timeZone } = request;
	const window = windowUntil(request.now, minutes);
	const previous = windowBefore(window);
	const earlier = await readWindow(request, previous);
	const current = await readWindow(request, window);

	const now = totalsOf(current);
	const before = totalsOf(earlier);
	const trend = trendOf(now, before);
	const failures = current.failures.rows();
	const span = spanWords(minutes);
	const alerts = alertsOf({ now, before, series: current.series, span, timeZone }, thresholds);
	const news = newFailures(failures, earlier.failures.rows(), before);
	const health = healthOf(now, alerts.length > 0, thresholds, news.length > 0 || isWorse(trend));
	return {
		headline: headlineOf({ health, alerts, now, before, failures, span }).join(' '),
		alert: alerts.length > 0,
		alertReasons: alerts.map(({ reason }) => reason),
		changes: [...news, ...Object.values(trend).flatMap(({ sentence }) => sentence ?? [])],
		health,
		window: { hours: minutes / 60, ...between(window), previous: between(previous) },
		workflow: workflowId === '' ? null : { id: workflowId, name: current.workflowName || earlier.workflowName },
		totals: now,
		trend,
		failures,
		skipped: current.skips.rows(),
		escalations: escalationRows(current.escalations),
		groupBy,
		groups: current.groups.rows(),
		series: current.series,
		thresholds,
	};
}

function healthOf(now: Totals, alert: boolean, thresholds: Thresholds, gotWorse: boolean): Health {
	if (alert) return 'alert';
	if (now.tasks === 0) return 'silent';
	if (isRateTooHigh(now, thresholds)) return 'unclear';
	return gotWorse ? 'worse' : 'well';
}

/** Whether a rate or the latency has notably risen. More tasks and higher cost do not count as worse. */
function isWorse({ fallbackRate, escalationRate, failureRate, p95LatencyMs }: Trend): boolean {
	return [fallbackRate, escalationRate, failureRate, p95LatencyMs].some(
		({ sentence, change }) => sentence !== null && (change ?? 0) > 0,
	);
}

/** A new kind of failure is mentioned from `newsFrom` calls on, and at most `mostNews` kinds are mentioned. */
const newsFrom = 3;
const mostNews = 3;

function newFailures(now: readonly FailureRow[], earlier: readonly FailureRow[], before: Totals): readonly string[] {
	if (before.attempts.calls === 0) return [];
	const known = new Set(earlier.map(({ reason, httpStatus }) => `${reason} ${httpStatus}`));
	return now
		.filter(
			({ reason, httpStatus, count }) =>
				count >= newsFrom && reason !== 'cancelled' && !known.has(`${reason} ${httpStatus}`),
		)
		.slice(0, mostNews)
		.map(
			({ reason, httpStatus, count }) =>
				`New: ${counted(count, 'call')} failed as “${failurePhrase(reason, httpStatus)}”, none before.`,
		);
}

function between({ from, to }: TimeSpan): Between {
	return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
