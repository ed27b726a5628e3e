import { decisionKinds, type DecisionKind, type ProposedDecision } from './proposed-decision';

/** The fields of the page's form, as they were typed. */
export interface ReviewForm {
	/** Empty: no decision was chosen. */
	readonly decision: DecisionKind | '';
	/** The draft with the reviewer's corrections. */
	readonly edited: string;
	readonly answer: string;
	readonly reviewer: string;
	readonly comment: string;
}

export type FormField = keyof ReviewForm;

export interface FormProblem {
	readonly field: FormField;
	readonly message: string;
}

/** Longest texts, in characters. */
export const formLimits = { reviewer: 200, comment: 10_000 } as const;

/** Reads the form and the token of the link from the body of a POST request, which may contain anything. */
export function parseReviewForm(body: unknown): { readonly token: string; readonly form: ReviewForm } {
	const fields = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
	return {
		token: textOf(fields.token),
		form: {
			decision: decisionKinds.find((kind) => kind === fields.decision) ?? '',
			edited: textOf(fields.edited),
			answer: textOf(fields.answer),
			reviewer: textOf(fields.reviewer).trim(),
			comment: textOf(fields.comment).trim(),
		},
	};
}

/** Problems of the form that do not depend on the task. */
export function formProblems({ decision, reviewer, comment }: ReviewForm): readonly FormProblem[] {
	const problems: FormProblem[] = [];
	if (decision === '') problems.push({ field: 'decision', message: 'Choose what should happen.' });
	if (reviewer === '')
		problems.push({ field: 'reviewer', message: 'Enter your name, so that others can see who decided.' });
	return [...problems, ...tooLong('reviewer', 'The name', reviewer), ...tooLong('comment', 'The comment', comment)];
}

/** Undefined: no decision was chosen. */
export function proposedBy({ decision, edited, answer, reviewer, comment }: ReviewForm): ProposedDecision | undefined {
	return decision === '' ? undefined : { decision, answer: decision === 'edit' ? edited : answer, reviewer, comment };
}

/** The field next to which problems with the answer are shown. */
export function answerFieldOf(decision: DecisionKind): 'edited' | 'answer' | 'decision' {
	return decision === 'edit' ? 'edited' : decision === 'answer' ? 'answer' : 'decision';
}

function tooLong(field: keyof typeof formLimits, name: string, text: string): readonly FormProblem[] {
	const limit = formLimits[field];
	return text.length <= limit
		? []
		: [{ field, message: `${name} may have ${limit} characters at most; it has ${text.length}.` }];
}

/**
 * The text of a field. Browsers send line breaks as CR LF, whatever was typed. A field that was sent twice is not a
 * string; our form never does that.
 */
function textOf(value: unknown): string {
	return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : '';
}
