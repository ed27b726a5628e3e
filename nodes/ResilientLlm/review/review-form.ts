import { decisionKinds, type DecisionKind, type ProposedDecision } from './proposed-decision';

/** What the page's form sent, as it was typed. */
export interface ReviewForm {
	/** Empty: none was chosen. */
	readonly decision: DecisionKind | '';
	/** The draft, as corrected. */
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

/** Characters. */
export const formLimits = { reviewer: 200, comment: 10_000 } as const;

/** The form and the link's token out of a POST's body, which may hold anything. */
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

/** What is wrong with the form itself, whatever the task asks for. */
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

/** The field that problems of a decision's answer belong to. */
export function answerFieldOf(decision: DecisionKind): 'edited' | 'answer' | 'decision' {
	return decision === 'edit' ? 'edited' : decision === 'answer' ? 'answer' : 'decision';
}

function tooLong(field: keyof typeof formLimits, name: string, text: string): readonly FormProblem[] {
	const limit = formLimits[field];
	return text.length <= limit
		? []
		: [{ field, message: `${name} may have ${limit} characters at most; it has ${text.length}.` }];
}

/** Browsers send line ends as CR LF, whatever they were. A field sent twice is not ours. */
function textOf(value: unknown): string {
	return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : '';
}
