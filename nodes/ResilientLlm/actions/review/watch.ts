import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';

import { logEvent, nodeScope } from '../../host/log';
import { repeatedly } from '../../host/repeatedly';
import { lookForUndeliveredEveryMs } from '../../review/decision-delivery';
import { redeliverDecisions } from './redelivery';
import { remindOfOverdueReviews } from './reminder';

const firstLookMs = 5_000;
const remindEveryMs = 60_000;

/**
 * Starts the background work of a published Review Trigger: delivering lost decisions again and reminding of overdue
 * reviews. In queue mode only one n8n process runs it. A manual run does none of this, so that it does not take
 * decisions and reminders from the published workflow.
 */
export function watchReviews(context: ITriggerFunctions): ITriggerResponse {
	if (context.getMode() === 'manual') return {};
	const failed = (event: string) => (error: unknown) =>
		logEvent(context.logger, 'warn', event, {
			message: String(error),
			...nodeScope(context),
		});

	const stops = [
		repeatedly(async (stopped) => await redeliverDecisions(context, stopped), {
			firstAfterMs: firstLookMs,
			everyMs: lookForUndeliveredEveryMs,
			failed: failed('review-redelivery-failed'),
		}),
	];
	if (context.getNodeParameter('remindOverdue') === true) {
		const remind = async () => await remindOfOverdueReviews(context);
		stops.push(
			repeatedly(remind, {
				firstAfterMs: firstLookMs,
				everyMs: remindEveryMs,
				failed: failed('review-reminder-failed'),
			}),
		);
	}
	return {
		async closeFunction() {
			for (const stop of stops) stop();
		},
	};
}
