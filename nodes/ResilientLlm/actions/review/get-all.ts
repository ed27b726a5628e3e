import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { EpochMs } from '../../engine/clock';
import type { RecordQuery, TaskStore } from '../../engine/store/task-store';
import { wallClock } from '../../host/clock';
import { isReview, reviewFacts, type ReviewFacts } from '../../review/review-facts';
import { readBoolean, readChoice, readNumber } from '../input/field-reader';
import { forEachItem } from './items';

const statuses = ['any', 'pending', 'overdue', 'resolved', 'undelivered', 'expired'] as const;
type Status = (typeof statuses)[number];

const pageSize = 100;

/** Returns a list of reviews, newest first. */
export async function getAllReviews(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async ({ store, parameter }) => {
		const status = readChoice(parameter('status'), 'Status', statuses);
		const all = readBoolean(parameter('returnAll'), 'Return All');
		const limit = all
			? Number.POSITIVE_INFINITY
			: readNumber(parameter('limit'), 'Limit', { min: 1, max: 1_000_000, whole: true });
		return await collect(store, status, limit);
	});
}

async function collect(store: TaskStore, status: Status, limit: number): Promise<readonly ReviewFacts[]> {
	const now = wallClock.now();
	const query = queryFor(status, now);
	const reviews: ReviewFacts[] = [];
	let cursor: string | undefined;
	do {
		const page = await store.list({
			...query,
			limit: Math.min(pageSize, limit - reviews.length),
			...(cursor !== undefined && { cursor }),
		});
		reviews.push(...page.records.filter(isReview).map((record) => reviewFacts(record, now)));
		cursor = page.cursor;
	} while (cursor !== undefined && reviews.length < limit);
	return reviews;
}

function queryFor(status: Status, now: EpochMs): Omit<RecordQuery, 'limit'> {
	switch (status) {
		case 'any':
			return { states: ['pending_human_review', 'resolved', 'expired'] };
		case 'pending':
			return { states: ['pending_human_review'] };
		case 'overdue':
			return { states: ['pending_human_review'], dueBefore: now };
		case 'undelivered':
			return { states: ['resolved'], undelivered: true };
		case 'resolved':
		case 'expired':
			return { states: [status] };
	}
}
