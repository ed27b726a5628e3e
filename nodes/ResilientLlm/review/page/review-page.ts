import type { EpochMs } from '../../engine/clock';
import type { Json, TaskRecord } from '../../engine/store/task-record';
import type { Fit } from '../fitting-answer';
import { decisionKinds, type DecisionKind } from '../proposed-decision';
import type { FormProblem, ReviewForm } from '../review-form';
import type { ReviewPayload } from '../review-payload';
import { decisionForm } from './decision-form';
import { page, type Page } from './document';
import { html, type Html } from '../../page/html';
import { textBox } from './text-box';
import { attemptList } from './attempt-list';
import { momentIn, money, exactly, roughly } from '../../page/wording';

export interface ReviewView {
	readonly record: Extract<TaskRecord, { state: 'pending_human_review' }>;
	readonly payload: ReviewPayload;
	/** Whether the draft has the format that the task asks for; undefined: there is no draft. */
	readonly draftFit: Fit | undefined;
	readonly token: string;
	/**
	 * What the reviewer has typed, when the form comes back with problems; undefined: the page is opened for the first
	 * time.
	 */
	readonly form: ReviewForm | undefined;
	readonly problems: readonly FormProblem[];
	readonly now: EpochMs;
	readonly timeZone: string;
}

/** The page of a pending review. */
export function reviewPage(view: ReviewView): Page {
	const { record, payload, draftFit, problems } = view;
	const { origin } = record.identity;
	const choices = choicesFor(draftFit);
	const form = view.form ?? emptyForm(payload, draftFit);
	return page({
		status: problems.length === 0 ? 200 : 422,
		title: `${problems.length === 0 ? '' : 'Not sent yet: '}${origin.workflowName || 'A task'} needs your decision`,
		content: html`<a class="skip" href="#decide">Skip to your decision</a>
<main>
<div class="intro">
${origin.workflowName !== '' && html`<p class="eyebrow" dir="auto">${origin.workflowName}</p>`}
<h1>${draftFit === undefined ? 'A task needs your answer' : 'A draft needs your decision'}</h1>
<p class="reason" dir="auto">${payload.reason}</p>
${facts(view)}
<p><a class="jump" href="#decide">Go to your decision</a></p>
</div>
<div class="columns">
<div class="stack">
${draftFit !== undefined && draftCard(payload, draftFit)}
${promptCard(payload)}
${contextCard(payload.context)}
${trailCard(view)}
</div>
<section class="card decide" id="decide" aria-label="Your decision" tabindex="-1">
${decisionForm({ token: view.token, choices, output: payload.output, form, problems })}
</section>
</div>
</main>
${footer(record)}`,
	});
}

function choicesFor(draftFit: Fit | undefined): readonly DecisionKind[] {
	if (draftFit === undefined) return ['answer', 'reject'];
	return decisionKinds.filter((kind) => kind !== 'approve' || draftFit.kind === 'fits');
}

function emptyForm({ draft, output }: ReviewPayload, draftFit: Fit | undefined): ReviewForm {
	const edited =
		draftFit?.kind === 'fits' && output.kind !== 'text' ? JSON.stringify(draftFit.output, null, 2) : (draft ?? '');
	return { decision: '', edited, answer: '', reviewer: '', comment: '' };
}

function facts({ record, now, timeZone }: ReviewView): Html {
	const { dueAt, endedAt, expiresAt, summary } = record;
	return html`<dl class="facts">
${dueAt !== null && html`<div${now > dueAt && html` class="overdue"`}><dt>Due</dt><dd>${moment(dueAt, timeZone)}<small>${now > dueAt ? `${roughly(now - dueAt)} overdue` : `in ${roughly(dueAt - now)}`}</small></dd></div>`}
<div><dt>Waiting since</dt><dd>${moment(endedAt, timeZone)}<small>for ${roughly(now - endedAt)}</small></dd></div>
${dueAt === null && html`<div><dt>Open until</dt><dd>${moment(expiresAt, timeZone)}</dd></div>`}
<div><dt>Cost so far</dt><dd>${money(summary.costUsd)}<small>in ${exactly(summary.latencyMs)}</small></dd></div>
</dl>`;
}

function moment(instant: EpochMs, timeZone: string): Html {
	return html`<time datetime="${new Date(instant).toISOString()}">${momentIn(timeZone, instant)}</time>`;
}

function draftCard({ draft, output }: ReviewPayload, fit: Fit): Html {
	const isData = output.kind !== 'text';
	const shown = isData && fit.kind === 'fits' ? JSON.stringify(fit.output, null, 2) : (draft ?? '');
	return html`<section class="card">
<h2>Draft</h2>
${textBox('Draft', shown, isData ? 'draft data' : 'draft')}
${fit.kind === 'misfits' && html`<p class="caution">It cannot be approved as it is. ${fit.problems.slice(0, 3).join(' ')}</p>`}
</section>`;
}

function promptCard({ prompt, systemMessage }: ReviewPayload): Html {
	return html`<section class="card">
<h2>What was asked</h2>
${textBox('Prompt', prompt)}
${systemMessage !== '' && html`<details><summary>System message</summary>${textBox('System message', systemMessage)}</details>`}
</section>`;
}

function contextCard(context: Json): Html | undefined {
	const isEmpty = context === null || (typeof context === 'object' && Object.keys(context).length === 0);
	if (isEmpty) return undefined;
	const text = JSON.stringify(context, null, 2);
	return html`<section class="card">
<details${text.length < 1200 && html` open`}><summary>The item it is about</summary>${textBox('Input item', text, 'data')}</details>
</section>`;
}

function trailCard({ record, timeZone }: ReviewView): Html | undefined {
	const { attempts } = record.summary;
	if (attempts.length === 0) return undefined;
	return html`<section class="card">
<details${attempts.length <= 12 && html` open`}><summary>What was tried <span class="note">(${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'})</span></summary>${attemptList(attempts, timeZone)}</details>
</section>`;
}

function footer({ identity }: TaskRecord): Html {
	const { nodeName, executionId } = identity.origin;
	return html`<footer><dl>
<div><dt>Task</dt><dd>${identity.taskId}</dd></div>
<div><dt>Node</dt><dd>${nodeName}</dd></div>
<div><dt>Execution</dt><dd>${executionId}</dd></div>
</dl></footer>`;
}
