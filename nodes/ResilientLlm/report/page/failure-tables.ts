import { html, type Html } from '../../page/html';
import type { FailureRow } from '../failures';
import type { Report } from '../report';
import { counted, failurePhrase, number, providerName, shortName } from '../wording';
import { trackBar } from './bars';
import { table } from './table';

/** The failed calls by reason, with the models that failed. */
export function failedCalls({ failures, totals: { attempts } }: Report): Html | undefined {
	return failureTableOf(
		'Failed calls',
		'Failed',
		failures,
		`${number(attempts.failed)} of ${counted(attempts.calls, 'call')}. Most were tried again or passed on to the next model.`,
	);
}

export function skippedModels({ skipped }: Report): Html | undefined {
	return failureTableOf('Passed over without a call', 'Times', skipped);
}

function failureTableOf(title: string, head: string, rows: readonly FailureRow[], note?: string): Html | undefined {
	const largest = Math.max(0, ...rows.map(({ count }) => count));
	return table<FailureRow>({
		title,
		note,
		rows,
		columns: [
			{
				head: 'Reason',
				cell: ({ reason, httpStatus, meaning, models, count }) =>
					html`${sentenceCase(failurePhrase(reason, httpStatus))}<small>${meaning}</small><small>${whose(models)}</small>${trackBar('t3', count, largest)}`,
			},
			{ head, cell: ({ count }) => number(count) },
		],
	});
}

function whose(models: FailureRow['models']): Html {
	const left = models.length - 3;
	return html`${models.slice(0, 3).map(({ provider, model, count }, index) => html`${index > 0 && ' · '}<bdi>${shortName(providerName(provider))} ${shortName(model)}</bdi> ${number(count)}`)}${left > 0 && ` · ${left} more`}`;
}

export function escalationTable({ escalations, totals }: Report): Html | undefined {
	return table<Report['escalations'][number]>({
		title: 'Why tasks went to a human',
		rows: escalations,
		columns: [
			{ head: 'Reason', cell: ({ meaning, count }) => html`${meaning}${trackBar('t3', count, totals.tier3.tasks)}` },
			{ head: 'Tasks', cell: ({ count }) => number(count) },
		],
	});
}

function sentenceCase(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
