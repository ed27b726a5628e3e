import { expect, it } from 'vitest';

import { formLimits, formProblems, parseReviewForm, proposedBy } from '../../nodes/ResilientLlm/review/review-form';

const sent = {
	token: 't',
	decision: 'edit',
	edited: 'one\r\ntwo',
	answer: 'three',
	reviewer: ' Ada ',
	comment: ' fine ',
};

it('reads what the form sends, with plain line ends', () => {
	expect(parseReviewForm(sent)).toEqual({
		token: 't',
		form: { decision: 'edit', edited: 'one\ntwo', answer: 'three', reviewer: 'Ada', comment: 'fine' },
	});
});

it.each([
	[undefined],
	[null],
	['text'],
	[[]],
	[{}],
	[{ token: ['a', 'b'], decision: { kind: 'approve' }, edited: 1, reviewer: ['x'] }],
	[{ decision: 'delete' }],
])('takes %j for an empty form', (body) => {
	expect(parseReviewForm(body)).toEqual({
		token: '',
		form: { decision: '', edited: '', answer: '', reviewer: '', comment: '' },
	});
});

it('takes the text that belongs to the decision', () => {
	const { form } = parseReviewForm(sent);
	expect(proposedBy(form)).toEqual({ decision: 'edit', answer: 'one\ntwo', reviewer: 'Ada', comment: 'fine' });
	expect(proposedBy({ ...form, decision: 'answer' })).toMatchObject({ answer: 'three' });
	expect(proposedBy({ ...form, decision: '' })).toBeUndefined();
});

it('says everything that is wrong at once', () => {
	const comment = 'x'.repeat(formLimits.comment + 1);
	const problems = formProblems({ decision: '', edited: '', answer: '', reviewer: '', comment });
	expect(problems.map(({ field }) => field)).toEqual(['decision', 'reviewer', 'comment']);
	expect(formProblems({ decision: 'reject', edited: '', answer: '', reviewer: 'Ada', comment: '' })).toEqual([]);
});
