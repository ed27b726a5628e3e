import { isDeepStrictEqual } from 'node:util';

import type { EpochMs } from '../engine/clock';
import type { Decision, TaskRecord } from '../engine/store/task-record';
import type { TaskStore } from '../engine/store/task-store';
import { deliveryLeaseMs, deliveryTo } from './decision-delivery';
import { fitAnswer } from './fitting-answer';
import type { ResolvedReview } from './human-answer';
import { decidedPage } from './page/decided-page';
import type { Page } from './page/document';
import { expiredPage, unavailablePage, unknownPage, unreadablePage } from './page/notice-page';
import { reviewPage } from './page/review-page';
import { checkDecision } from './proposed-decision';
import {
	answerFieldOf,
	formProblems,
	parseReviewForm,
	proposedBy,
	type FormProblem,
	type ReviewForm,
} from './review-form';
import { decodeReviewPayload } from './review-payload';
import { hashReviewToken } from './token';

export interface ReviewDesk {
	/** Opens the store that has the reviews. */
	readonly store: () => Promise<TaskStore>;
	/** Receiver of the decisions made here: see `receiverOf`. */
	readonly receiver: string;
	/** Whether an execution of this process works on a decision. */
	readonly isInHand: (decisionId: string) => boolean;
	readonly now: () => EpochMs;
	/** IANA name of the time zone for the times on the page. */
	readonly timeZone: string;
	/** Called with the error when the store fails; the page shows only a general message. */
	readonly warn: (error: Error) => void;
}

type PendingReview = Extract<TaskRecord, { state: 'pending_human_review' }>;

/** The result of a request: always a page, and the decided review if an execution has to be started with it. */
export interface Visit {
	readonly page: Page;
	readonly decided?: ResolvedReview;
	/** How often the decision was handed over, this time included; undefined: it was made by this request. */
	readonly handover?: number;
}

/** The page of a review. Changes nothing, so that a mail scanner may follow the link any number of times. */
export async function showReview(desk: ReviewDesk, token: unknown): Promise<Page> {
	const show = async () => await visit(desk, await desk.store(), typeof token === 'string' ? token : '', undefined);
	return (await orUnavailable(desk, '', show)).page;
}

/** Handles the form that the page posts. The first decision wins; a later one gets a page that shows the first. */
export async function takeDecision(desk: ReviewDesk, body: unknown): Promise<Visit> {
	const { token, form } = parseReviewForm(body);
	return await orUnavailable(desk, unsentOf(form), async () => await visit(desk, await desk.store(), token, form));
}

async function orUnavailable(desk: ReviewDesk, unsent: string, work: () => Promise<Visit>): Promise<Visit> {
	try {
		return await work();
	} catch (error) {
		desk.warn(error instanceof Error ? error : new Error(String(error)));
		return { page: unavailablePage(unsent) };
	}
}

async function visit(desk: ReviewDesk, store: TaskStore, token: string, form: ReviewForm | undefined): Promise<Visit> {
	const record = token === '' ? undefined : await store.findReview({ tokenHash: hashReviewToken(token) });
	switch (record?.state) {
		case 'pending_human_review':
			return form === undefined
				? { page: await open(desk, record, token) }
				: await decide(desk, store, record, token, form);
		case 'resolved':
			return form === undefined ? { page: seen(desk, record) } : await late(desk, store, record, form);
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
	if (decoded.kind !== 'decoded')
		return unreadablePage(decoded.kind === 'unreadable' ? decoded.why : 'Its content is gone.');
	const { payload } = decoded;
	const draftFit = payload.draft === null ? undefined : await fitAnswer(payload.draft, payload.output);
	return reviewPage({ record, payload, draftFit, token, form, problems, now: now(), timeZone });
}

async function decide(
	desk: ReviewDesk,
	store: TaskStore,
	record: PendingReview,
	token: string,
	form: ReviewForm,
): Promise<Visit> {
	const checked = await check(form, record);
	if (checked.kind !== 'acceptable') return { page: await open(desk, record, token, form, checked.problems) };
	const result = await store.decide(record.identity.key, checked.decision, deliveryTo(desk.receiver));
	switch (result.kind) {
		case 'decided':
			return { page: recorded(desk, result.record), decided: result.record };
		case 'already_decided':
			return await late(desk, store, result.record, form);
		case 'expired':
			return { page: expiredPage(record.expiresAt, desk.timeZone, unsentOf(form)) };
		case 'unknown':
			return { page: unknownPage() };
	}
}

/**
 * A form for a review that was already decided. If it contains the same decision, it was sent twice (a double click, a
 * reload, or a lost response) and counts as recorded. If the decision is undelivered and no execution works on it, it
 * is handed over, so that an execution is started.
 */
async function late(desk: ReviewDesk, store: TaskStore, review: ResolvedReview, form: ReviewForm): Promise<Visit> {
	const checked = await check(form, review);
	if (checked.kind !== 'acceptable' || !isSame(checked.decision, review.decision)) {
		return {
			page: decidedPage({ review, occasion: { kind: 'refused', unsent: unsentOf(form) }, timeZone: desk.timeZone }),
		};
	}
	const page = recorded(desk, review);
	const { decisionId, delivered } = review.decision;
	if (delivered || desk.isInHand(decisionId)) return { page };
	const [taken] = await store.handOver({ to: desk.receiver, leaseMs: deliveryLeaseMs, limit: 1, decisionId });
	return taken === undefined ? { page } : { page, decided: review, handover: taken.count };
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

/** What the reviewer has typed, to be shown for copying on a page that cannot accept it. */
function unsentOf(form: ReviewForm | undefined): string {
	if (form === undefined) return '';
	const answer = form.decision === 'edit' ? form.edited : form.answer;
	return [answer, form.comment].filter((text) => text.trim() !== '').join('\n\n');
}
