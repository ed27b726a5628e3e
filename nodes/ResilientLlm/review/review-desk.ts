import { isDeepStrictEqual } from 'node:util';

import type { EpochMs } from '../engine/clock';
import type { Decision, TaskRecord, TaskStore } from '../engine/task-store';
import { fitAnswer } from './fitting-answer';
import type { ResolvedReview } from './human-answer';
import { decidedPage } from './page/decided-page';
import type { Page } from './page/document';
import { expiredPage, unavailablePage, unknownPage, unreadablePage } from './page/notice-page';
import { reviewPage } from './page/review-page';
import { checkDecision } from './proposed-decision';
import { answerFieldOf, formProblems, parseReviewForm, proposedBy, type FormProblem, type ReviewForm } from './review-form';
import { decodeReviewPayload } from './review-payload';
import { hashReviewToken } from './token';

export interface ReviewDesk {
	/** Opens the store where the reviews are. */
	readonly store: () => Promise<TaskStore>;
	readonly now: () => EpochMs;
	/** IANA name, for the times on the page. */
	readonly timeZone: string;
	/** Told when the store fails: the page says it only in general. */
	readonly warn: (error: Error) => void;
}

type PendingReview = Extract<TaskRecord, { state: 'pending_human_review' }>;

/** What a visit leads to: a page in any case, and the review when this very visit decided it. */
export interface Visit {
	readonly page: Page;
	readonly decided?: ResolvedReview;
}

/** Shows a review. Changes nothing, however often a mail scanner follows the link. */
export async function showReview(desk: ReviewDesk, token: unknown): Promise<Page> {
	return await orUnavailable(desk, '', async () => {
		const { page } = await visit(desk, await desk.store(), typeof token === 'string' ? token : '', undefined);
		return page;
	});
}

/** Takes what the page's form sent. The first decision wins. */
export async function takeDecision(desk: ReviewDesk, body: unknown): Promise<Visit> {
	const { token, form } = parseReviewForm(body);
	let decided: ResolvedReview | undefined;
	const page = await orUnavailable(desk, unsentOf(form), async () => {
		const result = await visit(desk, await desk.store(), token, form);
		decided = result.decided;
		return result.page;
	});
	return { page, ...(decided !== undefined && { decided }) };
}

async function orUnavailable(desk: ReviewDesk, unsent: string, work: () => Promise<Page>): Promise<Page> {
	try {
		return await work();
	} catch (error) {
		desk.warn(error instanceof Error ? error : new Error(String(error)));
		return unavailablePage(unsent);
	}
}

async function visit(desk: ReviewDesk, store: TaskStore, token: string, form: ReviewForm | undefined): Promise<Visit> {
	const record = token === '' ? undefined : await store.findReview({ tokenHash: hashReviewToken(token) });
	switch (record?.state) {
		case 'pending_human_review':
			return form === undefined ? { page: await open(desk, record, token) } : await decide(desk, store, record, token, form);
		case 'resolved':
			return { page: form === undefined ? seen(desk, record) : await late(desk, record, form) };
		case 'expired':
			return { page: expiredPage(record.expiresAt, desk.timeZone, unsentOf(form)) };
		default:
			return { page: unknownPage() };
	}
}

async function open(
	{ now, timeZone }: ReviewDesk,
	record: PendingReview,
	token: string,
	form?: ReviewForm,
	problems: readonly FormProblem[] = [],
): Promise<Page> {
	const decoded = decodeReviewPayload(record.payload);
	if (decoded.kind !== 'decoded') return unreadablePage(decoded.kind === 'unreadable' ? decoded.why : 'Its content is gone.');
	const { payload } = decoded;
	const draftFit = payload.draft === null ? undefined : await fitAnswer(payload.draft, payload.output);
	return reviewPage({ record, payload, draftFit, token, form, problems, now: now(), timeZone });
}

async function decide(desk: ReviewDesk, store: TaskStore, record: PendingReview, token: string, form: ReviewForm): Promise<Visit> {
	const checked = await check(form, record);
	if (checked.kind !== 'acceptable') return { page: await open(desk, record, token, form, checked.problems) };
	const result = await store.decide(record.identity.key, checked.decision);
	switch (result.kind) {
		case 'decided':
			return { page: recorded(desk, result.record), decided: result.record };
		case 'already_decided':
			return { page: await late(desk, result.record, form) };
		case 'expired':
			return { page: expiredPage(record.expiresAt, desk.timeZone, unsentOf(form)) };
		case 'unknown':
			return { page: unknownPage() };
	}
}

/** A form sent twice, by a double click or a reload, is no second decision. */
async function late(desk: ReviewDesk, review: ResolvedReview, form: ReviewForm): Promise<Page> {
	const checked = await check(form, review);
	if (checked.kind === 'acceptable' && isSame(checked.decision, review.decision)) return recorded(desk, review);
	return decidedPage({ review, occasion: { kind: 'refused', unsent: unsentOf(form) }, timeZone: desk.timeZone });
}

function recorded({ timeZone }: ReviewDesk, review: ResolvedReview): Page {
	return decidedPage({ review, occasion: { kind: 'recorded' }, timeZone });
}

function seen({ timeZone }: ReviewDesk, review: ResolvedReview): Page {
	return decidedPage({ review, occasion: { kind: 'seen' }, timeZone });
}

type CheckedForm =
	| { readonly kind: 'acceptable'; readonly decision: Decision }
	| { readonly kind: 'unacceptable'; readonly problems: readonly FormProblem[] };

async function check(form: ReviewForm, { payload }: PendingReview | ResolvedReview): Promise<CheckedForm> {
	const problems = formProblems(form);
	const proposed = proposedBy(form);
	const decoded = decodeReviewPayload(payload);
	if (proposed === undefined || decoded.kind !== 'decoded') return { kind: 'unacceptable', problems };

	const checked = await checkDecision(proposed, decoded.payload);
	if (checked.kind === 'acceptable') return problems.length === 0 ? checked : { kind: 'unacceptable', problems };
	const field = answerFieldOf(proposed.decision);
	return { kind: 'unacceptable', problems: [...checked.problems.map((message) => ({ field, message })), ...problems] };
}

function isSame(one: Decision, other: Decision): boolean {
	const fields = ({ decision, output, reviewer, comment }: Decision) => [decision, output, reviewer, comment];
	return isDeepStrictEqual(fields(one), fields(other));
}

/** What somebody typed, to be copied from a page that cannot take it. */
function unsentOf(form: ReviewForm | undefined): string {
	if (form === undefined) return '';
	const answer = form.decision === 'edit' ? form.edited : form.answer;
	return [answer, form.comment].filter((text) => text.trim() !== '').join('\n\n');
}
