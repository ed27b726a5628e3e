import type { Attempt } from '../../engine/attempt';
import { failureTable } from '../../engine/failure-table';
import { providerLabelOf } from '../../providers/vendors';
import { html, type Html } from '../../page/html';
import { clockTimeIn, exactly } from '../../page/wording';

/** The attempts in order, each with its result. */
export function attemptList(attempts: readonly Attempt[], timeZone: string): Html {
	return html`<ol class="trail">${attempts.map((attempt) => entry(attempt, timeZone))}</ol>`;
}

function entry(attempt: Attempt, timeZone: string): Html {
	const { provider, model, outcome, latencyMs, waitMs } = attempt;
	const startedAt = Date.parse(attempt.startedAt);
	const facts = [
		!Number.isNaN(startedAt) && clockTimeIn(timeZone, startedAt),
		waitMs > 0 && `after a pause of ${exactly(waitMs)}`,
		outcome !== 'skipped' && `took ${exactly(latencyMs)}`,
	];
	return html`
<li class="${outcome}">
<p class="who"><strong>${providerLabelOf(provider) ?? provider}</strong> <code>${model}</code> <span class="tag">${resultOf(attempt)}</span></p>
${attempt.outcome !== 'answered' && attempt.message !== '' && html`<p class="said">${attempt.message}</p>`}
<p class="note">${facts.filter((fact) => fact !== false).join(' · ')}</p>
</li>`;
}

/** For example "overloaded (529)", "answered" or "skipped after repeated failures". */
function resultOf(attempt: Attempt): string {
	if (attempt.outcome === 'answered') return 'answered';
	const status = attempt.httpStatus === undefined ? '' : ` (${attempt.httpStatus})`;
	return `${failureTable[attempt.reason]?.phrase ?? attempt.reason}${status}`;
}
