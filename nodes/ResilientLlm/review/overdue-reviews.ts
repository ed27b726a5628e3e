import type { EpochMs } from '../engine/clock';
import type { TaskRecord } from '../engine/store/task-record';
import type { TaskStore } from '../engine/store/task-store';
import { reviewFacts, type ReviewFacts } from './review-facts';
import { decodeReviewPayload } from './review-payload';
import { createReviewToken, hashReviewToken, reviewLink } from './token';

/** A review that was not decided by its due time, with a new link to its page. */
export interface OverdueReview extends ReviewFacts {
	readonly overdue: true;
	/** Null: the review has no page. */
	readonly reviewUrl: string | null;
}

export interface OverdueQuery {
	/** Only reviews that became due after this instant; the others were reported before. */
	readonly after: EpochMs;
	readonly until: EpochMs;
	/**
	 * Whether the caller is to be reminded of reviews on this page: each review belongs to the Review Trigger whose page
	 * its links lead to.
	 */
	readonly isOurs: (pageUrl: string | undefined) => boolean;
}

type PendingReview = Extract<TaskRecord, { state: 'pending_human_review' }>;

const pageSize = 100;

/**
 * The reviews that became overdue after `after` and until `until`, and are still pending. A due time never changes, so
 * a caller that passes the last `until` as the next `after` gets each review exactly once.
 */
export async function overdueReviews(
	store: TaskStore,
	query: OverdueQuery,
): Promise<{ readonly reviews: readonly OverdueReview[]; readonly until: EpochMs }> {
	const reviews: OverdueReview[] = [];
	for (const { identity } of await newlyOverdue(store, query)) {
		const record = await store.get(identity.key);
		if (record?.state !== 'pending_human_review') continue;
		const pageUrl = pageUrlOf(record);
		if (!query.isOurs(pageUrl)) continue;
		reviews.push({
			...reviewFacts(record, query.until),
			overdue: true,
			reviewUrl: pageUrl === undefined ? null : await newLink(store, record, pageUrl),
		});
	}
	return { reviews, until: query.until };
}

async function newlyOverdue(store: TaskStore, { after, until }: OverdueQuery): Promise<readonly TaskRecord[]> {
	const found: TaskRecord[] = [];
	let cursor: string | undefined;
	do {
		const page = await store.list({
			states: ['pending_human_review'],
			dueBefore: until,
			payloads: false,
			limit: pageSize,
			...(cursor !== undefined && { cursor }),
		});
		found.push(
			...page.records.filter((record) => record.state === 'pending_human_review' && (record.dueAt ?? 0) > after),
		);
		cursor = page.cursor;
	} while (cursor !== undefined);
	return found;
}

function pageUrlOf({ payload }: PendingReview): string | undefined {
	const decoded = decodeReviewPayload(payload);
	return decoded.kind === 'decoded' ? decoded.payload.reviewPageUrl : undefined;
}

/** Adds a new link to the review, because existing ones are not stored. Null when the review is no longer pending. */
async function newLink(store: TaskStore, { identity }: PendingReview, pageUrl: string): Promise<string | null> {
	const token = createReviewToken();
	return (await store.addReviewLink(identity.key, hashReviewToken(token))) ? reviewLink(pageUrl, token) : null;
}
