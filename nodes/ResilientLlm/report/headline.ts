import { money } from '../page/wording';
import type { Alert } from './alert';
import type { FailureRow } from './failures';
import type { Totals } from './totals';
import { counted, failurePhrase, number, percent, providerLabel } from './wording';

/**
 * The state of the window. `silent`: no tasks. `unclear`: a rate is above its limit, but there are too few tasks for an
 * alert. `well`: all within the limits. `worse`: within the limits, but worse than in the window before. `alert`: a
 * limit was exceeded.
 */
export type Health = 'silent' | 'unclear' | 'well' | 'worse' | 'alert';

export interface HeadlineFacts {
	readonly health: Health;
	readonly alerts: readonly Alert[];
	readonly now: Totals;
	readonly before: Totals;
	readonly failures: readonly FailureRow[];
	/** Length of the window in words, such as "24 hours". */
	readonly span: string;
}

/** The headline as sentences, the first of which can stand alone. Contains no name that a user chose. */
export function headlineOf(facts: HeadlineFacts): readonly string[] {
	const { health, now, before, failures, span } = facts;
	const trouble = mainTrouble(failures);
	const rest = [`Cost: ${costOf(now)}.`, ...(trouble === undefined ? [] : [trouble])];
	switch (health) {
		case 'silent':
			return [
				`No tasks in the last ${span}.`,
				...(before.tasks > 0 ? [`In the ${span} before there were ${number(before.tasks)}.`] : []),
			];
		case 'unclear':
			return [`Too few tasks to judge: ${fates(now, span)}.`, ...rest];
		case 'well':
			return [`All well: ${fates(now, span)}.`, ...rest];
		case 'worse':
			return [`Within the limits, but worse than before: ${fates(now, span)}.`, ...rest];
		case 'alert':
			return [`Look here: ${alarm(facts)}.`, ...rest];
	}
}

/** "of 600 tasks in the last 24 hours, 22% needed a fallback and 5.2% went to a human" */
function alarm({ alerts, now, span }: HeadlineFacts): string {
	const ofTasks = alerts.filter(({ of }) => of === 'tasks').map(({ short }) => short);
	if (ofTasks.length === 0) return `${listed(alerts.map(({ short }) => short))} in the last ${span}`;
	return `of ${counted(now.tasks, 'task')} in the last ${span}, ${listed(ofTasks)}`;
}

/** "the first model answered 97% of 613 tasks in the last 24 hours, a fallback 2.8% and 3 went to a human" */
function fates({ tasks, tier1, tier2, tier3 }: Totals, span: string): string {
	const parts = [
		`the first model answered ${percent(tier1.share)} of ${counted(tasks, 'task')} in the last ${span}`,
		tier2.tasks > 0 && `a fallback ${percent(tier2.share)}`,
		tier3.tasks > 0 && `${number(tier3.tasks)} went to a human`,
	];
	return listed(parts.filter((part) => part !== false));
}

function listed(parts: readonly string[]): string {
	return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** The cost in words. If some costs are unknown, the sum is only a lower bound ("at least"). */
export function costOf(
	{ costUsd, unpricedLines }: Pick<Totals, 'costUsd' | 'unpricedLines'>,
	atLeast = 'at least ',
): string {
	if (unpricedLines === 0) return money(costUsd);
	return costUsd === 0 ? 'not known' : `${atLeast}${money(costUsd)}`;
}

/**
 * The most frequent failure as a sentence; undefined when there is none. Cancelled calls do not count as failures here.
 */
function mainTrouble(failures: readonly FailureRow[]): string | undefined {
	const main = failures.find(({ reason }) => reason !== 'cancelled');
	if (main === undefined) return undefined;
	const [model] = main.models;
	const who = model === undefined ? undefined : providerLabel(model.provider);
	return `Most frequent failure: ${who === undefined ? '' : `${who} `}${failurePhrase(main.reason, main.httpStatus)}, ${counted(model?.count ?? main.count, 'call')}.`;
}
