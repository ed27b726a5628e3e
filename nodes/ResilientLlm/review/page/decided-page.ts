import type { ResolvedReview } from '../human-answer';
import type { DecisionKind } from '../proposed-decision';
import { page, type Page } from './document';
import { html, type Html } from '../../page/html';
import { icons } from './icons';
import { textBox } from './text-box';
import { momentIn } from '../../page/wording';

export interface DecidedView {
	readonly review: ResolvedReview;
	/**
	 * `recorded`: the reader has just made this decision. `seen`: it was made earlier. `refused`: the reader's own
	 * decision came too late; `unsent` is the text that they had written.
	 */
	readonly occasion: { readonly kind: 'recorded' | 'seen' } | { readonly kind: 'refused'; readonly unsent: string };
	readonly timeZone: string;
}

const deeds: Readonly<Record<DecisionKind, string>> = {
	approve: 'approved the draft',
	edit: 'corrected the draft',
	answer: 'wrote the answer',
	reject: 'rejected the task',
};

/** The page of a decided review: what was decided, by whom and when. */
export function decidedPage({ review, occasion, timeZone }: DecidedView): Page {
	const { decision, identity } = review;
	const rejected = decision.decision === 'reject';
	const sign = occasion.kind === 'refused' ? icons.clock : rejected ? icons.cross : icons.check;
	const who = decision.reviewer === '' ? 'Somebody' : decision.reviewer;
	return page({
		status: occasion.kind === 'refused' ? 409 : 200,
		title: occasion.kind === 'recorded' ? 'Decision sent' : 'Already decided',
		content: html`<main class="notice">
<span class="sign ${sign === icons.check ? 'good' : 'warn'}">${sign}</span>
${opening(occasion.kind, rejected, decision.delivered)}
<section class="card" aria-label="The decision">
<dl class="outcome">
<div><dt>Decision</dt><dd><bdi>${who}</bdi> ${deeds[decision.decision]}</dd></div>
<div><dt>When</dt><dd><time datetime="${new Date(decision.respondedAt).toISOString()}">${momentIn(timeZone, decision.respondedAt)}</time></dd></div>
${decision.comment !== '' && html`<div><dt>Comment</dt><dd>${textBox('Comment', decision.comment)}</dd></div>`}
${decision.output !== null && html`<div><dt>Answer</dt><dd>${answerBox(decision.output)}</dd></div>`}
<div><dt>Task</dt><dd>${identity.origin.workflowName !== '' && html`<bdi>${identity.origin.workflowName}</bdi>, `}${identity.taskId}</dd></div>
</dl>
</section>
${
	occasion.kind === 'refused' &&
	occasion.unsent.trim() !== '' &&
	html`<section class="card">
<h2>What you had written</h2>
<p class="note">It was not used. Copy it from here if you still need it.</p>
${textBox('What you had written', occasion.unsent)}
</section>`
}
</main>`,
	});
}

function opening(kind: DecidedView['occasion']['kind'], rejected: boolean, delivered: boolean): Html {
	switch (kind) {
		case 'recorded':
			return html`<h1>Thank you, your decision is sent</h1>
<p class="reason">${rejected ? 'The workflow goes on without an answer.' : 'The workflow goes on with this answer.'} You can close this page.</p>`;
		case 'seen':
			return html`<h1>This is already decided</h1>
<p class="reason">Nothing is left to do. The first decision counts, and this is it.
${!delivered && 'The workflow is still at work on it, or gets it as soon as it can.'}</p>`;
		case 'refused':
			return html`<h1>Too late, this is already decided</h1>
<p class="reason">Your decision changes nothing. The first one counts, and this is it.</p>`;
	}
}

function answerBox(output: unknown): Html {
	return typeof output === 'string'
		? textBox('Answer', output)
		: textBox('Answer', JSON.stringify(output, null, 2), 'data');
}
