import type { OutputFormat } from '../../engine/conversation';
import type { DecisionKind } from '../proposed-decision';
import { formLimits, type FormField, type FormProblem, type ReviewForm } from '../review-form';
import { html, type Html } from '../../page/html';
import { textBox } from './text-box';

export interface DecisionFormView {
	/** Sent in a hidden field, so that the form needs neither a cookie nor the token in its URL. */
	readonly token: string;
	/** In the order in which they are shown. */
	readonly choices: readonly DecisionKind[];
	readonly output: OutputFormat;
	readonly form: ReviewForm;
	readonly problems: readonly FormProblem[];
}

interface Choice {
	readonly title: string;
	readonly hint: string;
}

/**
 * The form. It is posted to the address of the page without its query, so that the token does not appear in access logs
 * a second time.
 */
export function decisionForm(view: DecisionFormView): Html {
	const { token, choices, form, problems } = view;
	return html`<form method="post" action="?" autocomplete="off" novalidate>
<input type="hidden" name="token" value="${token}">
${problemSummary(problems)}
<fieldset${described(problems, 'decision')}>
<legend>Your decision</legend>
<div class="choices">${choices.map((kind) => choice(kind, view))}</div>
${problemsOf(problems, 'decision')}
</fieldset>
<div>
<label class="label" for="reviewer">Your name</label>
<input type="text" id="reviewer" name="reviewer" value="${form.reviewer}" maxlength="${formLimits.reviewer}" autocomplete="name" required${described(problems, 'reviewer')}>
${problemsOf(problems, 'reviewer')}
</div>
<div>
<label class="label" for="comment">Comment <span class="optional">(optional)</span></label>
<textarea id="comment" name="comment" dir="auto" rows="3"${described(problems, 'comment')}>
${form.comment}</textarea>
${problemsOf(problems, 'comment')}
</div>
<button type="submit">Send decision</button>
</form>`;
}

function choice(kind: DecisionKind, view: DecisionFormView): Html {
	const { title, hint } = wordsFor(kind, view.choices);
	const checked = view.form.decision === kind ? html` checked` : undefined;
	return html`
<div class="choice">
<input type="radio" name="decision" id="decision-${kind}" value="${kind}"${checked}>
<label for="decision-${kind}"><strong>${title}</strong> <span class="hint">${hint}</span></label>
${kind === 'edit' && more('edited', 'The corrected answer', view)}
${kind === 'answer' && more('answer', 'Your answer', view)}
</div>`;
}

function wordsFor(kind: DecisionKind, choices: readonly DecisionKind[]): Choice {
	switch (kind) {
		case 'approve':
			return { title: 'Approve the draft', hint: 'It goes on as the answer, word for word.' };
		case 'edit':
			return { title: 'Correct the draft', hint: 'Change what needs changing, then send it.' };
		case 'answer':
			return choices.includes('edit')
				? { title: 'Write a new answer', hint: 'Yours goes on instead of the draft.' }
				: { title: 'Write the answer', hint: 'It goes on as if a model had given it.' };
		case 'reject':
			return { title: 'Reject the task', hint: 'No answer goes on. The workflow is told that you declined.' };
	}
}

/** The text field of a choice, visible while that choice is selected. */
function more(field: 'edited' | 'answer', name: string, { form, output, problems }: DecisionFormView): Html {
	const isData = output.kind !== 'text';
	return html`<div class="more">
<label class="label" for="${field}">${name}</label>
<textarea class="long${isData ? ' data' : ''}" id="${field}" name="${field}" dir="auto" rows="8"${isData && html` spellcheck="false"`}${described(problems, field)}>
${form[field]}</textarea>
${problemsOf(problems, field)}
${output.kind === 'json' && html`<p class="note">The task asks for JSON.</p>`}
${output.kind === 'jsonSchema' && html`<details><summary>It must be JSON that fits the task’s schema</summary>${textBox('JSON schema', JSON.stringify(output.schema, null, 2), 'data')}</details>`}
</div>`;
}

/** The list of problems. Gets the focus when the page opens, so that it is noticed at once. */
function problemSummary(problems: readonly FormProblem[]): Html | undefined {
	if (problems.length === 0) return undefined;
	return html`<div class="problems" role="alert" tabindex="-1" autofocus>
<h3>Not sent yet</h3>
<ul>${problems.map(({ field, message }) => html`<li><a href="#${anchorOf(field)}">${message}</a></li>`)}</ul>
</div>`;
}

function problemsOf(problems: readonly FormProblem[], field: FormField): Html | undefined {
	const own = problems.filter((problem) => problem.field === field);
	return own.length === 0
		? undefined
		: html`<div class="problem" id="problem-${field}">${own.map(({ message }) => html`<p>${message}</p>`)}</div>`;
}

function described(problems: readonly FormProblem[], field: FormField): Html | undefined {
	if (!problems.some((problem) => problem.field === field)) return undefined;
	const invalid = field === 'decision' ? undefined : html` aria-invalid="true"`;
	return html`${invalid} aria-describedby="problem-${field}"`;
}

function anchorOf(field: FormField): string {
	return field === 'decision' ? 'decide' : field;
}
