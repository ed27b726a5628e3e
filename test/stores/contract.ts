import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { TaskRecord } from '../../nodes/ResilientLlm/engine/store/task-record';
import { TaskStoreError, type RecordQuery, type TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { DrivenTime } from './driven-time';
import { linesOf, taskLine } from './ledger-lines';
import {
	answer,
	claimed,
	day,
	decision,
	escalation,
	hour,
	identityOf,
	leaseMs,
	minute,
	second,
	summary,
} from './samples';

/** One empty store that several clients may open. */
export interface StoreWorld {
	/** Another client of the same store; a store that lives in one process hands itself out again. */
	open(): TaskStore;
	/** Instants of different stores may differ by this much from what the test drives, in ms. */
	readonly clockToleranceMs: number;
}

/** What every task store promises, whatever it is built on. */
export function taskStoreContract(name: string, createWorld: (time: DrivenTime) => Promise<StoreWorld>): void {
	describe(`${name}: the promises of a task store`, () => {
		let time: DrivenTime;
		let world: StoreWorld;
		let store: TaskStore;
		let opened: TaskStore[];

		const open = () => {
			const another = world.open();
			opened.push(another);
			return another;
		};

		beforeEach(async () => {
			opened = [];
			time = new DrivenTime();
			world = await createWorld(time);
			store = open();
		});

		afterEach(async () => {
			await Promise.all(opened.map(async (one) => await one.close()));
		});

		describe('claim', () => {
			it('gives a lease for a key that nobody knows', async () => {
				const before = (await stored(store, 'reference')).startedAt;
				const claim = await store.claim({ identity: identityOf('a'), owner: 'me', leaseMs });

				expect(claim).toMatchObject({ kind: 'acquired', lease: { key: 'a', owner: 'me' } });
				const until = claim.kind === 'acquired' ? claim.lease.until : 0;
				expectNear(until, before + leaseMs);
				expect(await store.get('a')).toEqual({
					state: 'processing',
					identity: identityOf('a'),
					startedAt: until - leaseMs,
					until,
				});
			});

			it('tells a second caller until when the first holds the key', async () => {
				const lease = await claimed(store, 'a', 'first');
				expect(await store.claim({ identity: identityOf('a'), owner: 'second', leaseMs: 9 * leaseMs })).toEqual({
					kind: 'inProgress',
					until: lease.until,
				});
			});

			it('lets one of 64 concurrent callers win', async () => {
				const other = open();
				const claims = await Promise.all(
					Array.from(
						{ length: 64 },
						async (_, index) =>
							await (index % 2 === 0 ? store : other).claim({
								identity: identityOf('a'),
								owner: `owner ${index}`,
								leaseMs,
							}),
					),
				);
				expect(claims.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
				expect(claims.filter(({ kind }) => kind === 'inProgress')).toHaveLength(63);
			});

			it('gives the holder its lease again, and for longer', async () => {
				const first = await claimed(store, 'a', 'me');
				time.advance(minute);
				const again = await claimed(store, 'a', 'me');
				expectNear(again.until, first.until + minute);
				expect(await store.complete(again, answer())).toBe('stored');
			});

			it('calls the same key with another input a mismatch, while it is worked on and when it is done', async () => {
				const lease = await claimed(store, 'a');
				const other = { identity: identityOf('a', { fingerprint: 'another input' }), owner: 'other', leaseMs };
				expect(await store.claim(other)).toEqual({ kind: 'mismatch' });
				await store.complete(lease, answer());
				expect(await store.claim(other)).toEqual({ kind: 'mismatch' });
			});

			it('takes over when the lease ran out, even for another input', async () => {
				await claimed(store, 'a', 'first');
				time.advance(leaseMs + second);
				const lease = await claimed(store, 'a', 'second', { fingerprint: 'another input' });
				expect(await store.get('a')).toMatchObject({
					state: 'processing',
					identity: { fingerprint: 'another input' },
					until: lease.until,
				});
			});

			it('lets one of many win a lease that ran out', async () => {
				await claimed(store, 'a', 'first');
				time.advance(leaseMs + second);
				const claims = await Promise.all(
					Array.from(
						{ length: 20 },
						async (_, index) => await store.claim({ identity: identityOf('a'), owner: `heir ${index}`, leaseMs }),
					),
				);
				expect(claims.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
			});
		});

		describe('complete', () => {
			it('hands the answer to every later claim until its time is over, then frees the key', async () => {
				const lease = await claimed(store, 'a');
				expect(await store.complete(lease, answer({ output: 'Hello', usage: [1, null, true] }, hour))).toBe('stored');

				time.advance(hour - minute);
				const replay = await open().claim({ identity: identityOf('a'), owner: 'later', leaseMs });
				expect(replay).toMatchObject({
					kind: 'finished',
					record: {
						state: 'answered',
						identity: identityOf('a'),
						summary,
						payload: { output: 'Hello', usage: [1, null, true] },
					},
				});

				time.advance(2 * minute);
				expect(await store.get('a')).toMatchObject({ state: 'answered', summary, payload: null });
				await claimed(store, 'a', 'even later');
			});

			it('notes when the run started and ended', async () => {
				const lease = await claimed(store, 'a');
				time.advance(minute);
				await store.complete(lease, answer());
				const record = await store.get('a');
				if (record?.state !== 'answered') throw new Error('not answered');
				expectNear(record.endedAt, record.startedAt + minute);
			});

			it('refuses the late owner after a takeover, and keeps the answer of the new one', async () => {
				const late = await claimed(store, 'a', 'late');
				time.advance(leaseMs + second);
				const lease = await claimed(store, 'a', 'new');

				expect(await store.complete(late, answer('late'))).toBe('lease_lost');
				expect(await store.escalate(late, escalation())).toBe('lease_lost');
				expect(await store.complete(lease, answer('new'))).toBe('stored');
				expect(await store.complete(late, answer('late'))).toBe('lease_lost');
				expect(await store.get('a')).toMatchObject({ state: 'answered', payload: 'new' });
			});

			it.each(['answered', 'escalated'] as const)('takes what a late owner %s whom nobody replaced', async (end) => {
				const late = await claimed(store, 'a');
				time.advance(leaseMs + hour);
				const lateEnd = async () =>
					await (end === 'answered' ? store.complete(late, answer()) : store.escalate(late, escalation()));
				expect(await lateEnd()).toBe('stored');
				expect(await lateEnd()).toBe('stored');
				const state = end === 'answered' ? 'answered' : 'pending_human_review';
				expect(await store.claim({ identity: identityOf('a'), owner: 'later', leaseMs })).toMatchObject({
					kind: 'finished',
					record: { state },
				});
			});

			it('keeps what a late owner stores from the instant on at which it was stored', async () => {
				const late = await claimed(store, 'a');
				time.advance(day);
				await store.complete(late, answer('late', hour));
				time.advance(hour - minute);
				expect(await store.get('a')).toMatchObject({ payload: 'late' });
				await store.prune();
				expect(await store.get('a')).toMatchObject({ payload: 'late' });
			});

			it('tells that the task is gone, and brings nothing back', async () => {
				const nobody = { key: 'a', owner: 'me', until: Number.MAX_SAFE_INTEGER };
				expect([await store.complete(nobody, answer()), await store.escalate(nobody, escalation())]).toEqual([
					'gone',
					'gone',
				]);
				expect(await store.get('a')).toBeUndefined();
			});

			it('refuses a lease that nobody gave', async () => {
				await claimed(store, 'a', 'holder');
				const lease = { key: 'a', owner: 'me', until: Number.MAX_SAFE_INTEGER };
				expect([await store.complete(lease, answer()), await store.escalate(lease, escalation())]).toEqual([
					'lease_lost',
					'lease_lost',
				]);
				await store.note(identityOf('noted'), { kind: 'escalated', ...escalation() });
				expect(await store.complete({ ...lease, key: 'noted' }, answer())).toBe('lease_lost');
			});

			it('may be repeated when its reply was lost, and keeps what was stored first', async () => {
				const lease = await claimed(store, 'a');
				await store.complete(lease, answer('first'));
				expect(await store.complete(lease, answer('second'))).toBe('stored');
				expect(await store.escalate(lease, escalation())).toBe('lease_lost');
				expect(await store.get('a')).toMatchObject({ state: 'answered', payload: 'first' });
			});

			it('keeps numbers alone when there is no payload, and leaves the key free', async () => {
				await store.complete(await claimed(store, 'a'), answer(null));
				expect(await store.get('a')).toMatchObject({ state: 'answered', summary, payload: null });
				await claimed(store, 'a', 'next');
			});
		});

		describe('release', () => {
			it('lets the next claim win at once', async () => {
				await store.release(await claimed(store, 'a', 'first'));
				expect(await store.get('a')).toBeUndefined();
				await claimed(store, 'a', 'second');
			});

			it('gives back nothing that belongs to somebody else, or is done', async () => {
				const late = await claimed(store, 'a', 'late');
				time.advance(leaseMs + second);
				const lease = await claimed(store, 'a', 'new');
				await store.release(late);
				expect(await store.get('a')).toMatchObject({ state: 'processing' });
				await store.complete(lease, answer());
				await store.release(lease);
				expect(await store.get('a')).toMatchObject({ state: 'answered' });
			});
		});

		describe('escalate and decide', () => {
			it('shows later claims the same review, and no second one is made', async () => {
				const lease = await claimed(store, 'a');
				expect(await store.escalate(lease, escalation())).toBe('stored');
				expect(await store.escalate(lease, escalation({ tokenHash: 'another' }))).toBe('stored');

				const claim = await store.claim({ identity: identityOf('a'), owner: 'later', leaseMs });
				expect(claim).toMatchObject({
					kind: 'finished',
					record: {
						state: 'pending_human_review',
						tokenHash: 'token-1',
						payload: { prompt: 'Hi', draft: null },
						summary: { tier: 3, reasonCode: 'all_models_failed' },
					},
				});
				const record =
					claim.kind === 'finished' && claim.record.state === 'pending_human_review' ? claim.record : undefined;
				expectNear(record?.dueAt ?? 0, (record?.endedAt ?? 0) + hour);
				expectNear(record?.expiresAt ?? 0, (record?.endedAt ?? 0) + 7 * day);
				expect(
					await store.claim({ identity: identityOf('a', { fingerprint: 'another input' }), owner: 'later', leaseMs }),
				).toEqual({ kind: 'mismatch' });
			});

			it('keeps a review that is never due', async () => {
				await store.escalate(await claimed(store, 'a'), escalation({ dueInMs: null }));
				expect(await store.get('a')).toMatchObject({ state: 'pending_human_review', dueAt: null });
			});

			it('lets one of 20 concurrent decisions win, and tells all others of it', async () => {
				await store.escalate(await claimed(store, 'a'), escalation());
				const other = open();
				const results = await Promise.all(
					Array.from(
						{ length: 20 },
						async (_, index) =>
							await (index % 2 === 0 ? store : other).decide(
								'a',
								decision({ reviewer: `reviewer ${index}`, output: { index } }),
								null,
							),
					),
				);
				const winners = results.filter(({ kind }) => kind === 'decided');
				expect(winners).toHaveLength(1);
				const winner = winners[0];
				if (winner?.kind !== 'decided') throw new Error('nobody won');
				for (const result of results)
					if (result !== winner) expect(result).toEqual({ kind: 'already_decided', record: winner.record });
				expect(await store.get('a')).toEqual(winner.record);
			});

			it('keeps the decision with the review, and replays it', async () => {
				await store.escalate(await claimed(store, 'a'), escalation());
				time.advance(minute);
				const result = await store.decide('a', decision(), null);
				const record = await store.get('a');
				expect(result).toEqual({ kind: 'decided', record });
				expect(record).toMatchObject({
					state: 'resolved',
					identity: identityOf('a'),
					payload: { prompt: 'Hi' },
					tokenHash: 'token-1',
					decision: decision(),
				});
				if (record?.state !== 'resolved') throw new Error('not resolved');
				expectNear(record.decision.respondedAt, record.endedAt + minute);
				expect(await store.claim({ identity: identityOf('a'), owner: 'later', leaseMs })).toEqual({
					kind: 'finished',
					record,
				});
			});

			it('keeps a rejection, which has no output', async () => {
				await store.escalate(await claimed(store, 'a'), escalation());
				await store.decide('a', decision({ decision: 'reject', output: null, comment: '' }), null);
				expect(await store.get('a')).toMatchObject({
					state: 'resolved',
					decision: { decision: 'reject', output: null, comment: '' },
				});
			});

			it('has nothing to decide where there is no review', async () => {
				const lease = await claimed(store, 'a');
				expect(await store.decide('a', decision(), null)).toEqual({ kind: 'unknown' });
				await store.complete(lease, answer());
				expect(await store.decide('a', decision(), null)).toEqual({ kind: 'unknown' });
				expect(await store.decide('nobody', decision(), null)).toEqual({ kind: 'unknown' });
			});

			it('expires a review that nobody decided in time: no decision, no content, and the key is free', async () => {
				await store.escalate(await claimed(store, 'a'), escalation());
				time.advance(7 * day + second);
				expect(await store.decide('a', decision(), null)).toEqual({ kind: 'expired' });
				expect(await store.get('a')).toMatchObject({ state: 'expired', payload: null, tokenHash: 'token-1' });
				expect(await store.findReview({ tokenHash: 'token-1' })).toMatchObject({ state: 'expired' });
				await claimed(store, 'a', 'next');
				expect(await store.findReview({ tokenHash: 'token-1' })).toBeUndefined();
				expect(await store.findReview({ taskId: 'task of a' })).toBeUndefined();
			});

			it('forgets what was decided when the retention time is over, but not that it was', async () => {
				await store.escalate(await claimed(store, 'a'), escalation());
				await store.decide('a', decision(), null);
				time.advance(7 * day + second);
				expect(await store.get('a')).toMatchObject({
					state: 'resolved',
					payload: null,
					decision: { decision: 'answer', output: null, reviewer: '', comment: '' },
				});
				expect(await store.decide('a', decision(), null)).toEqual({ kind: 'expired' });
				await claimed(store, 'a', 'next');
			});

			it('shows nothing of an old review in the next one of the same task', async () => {
				await store.escalate(await claimed(store, 'a'), escalation());
				await store.decide('a', decision(), null);
				time.advance(7 * day + second);
				await store.escalate(
					await claimed(store, 'a', 'next'),
					escalation({ tokenHash: 'next', payload: null, dueInMs: null }),
				);
				expect(await store.get('a')).toMatchObject({
					state: 'pending_human_review',
					payload: null,
					dueAt: null,
					tokenHash: 'next',
				});
			});

			it('finds a review by its link, and the newest one by task ID', async () => {
				const taskId = '订单 42 {with} "signs" '.repeat(300);
				await store.escalate(await claimed(store, 'old', 'me', { taskId }), escalation({ tokenHash: 'old-token' }));
				time.advance(minute);
				await store.escalate(await claimed(store, 'new', 'me', { taskId }), escalation({ tokenHash: 'new-token' }));
				time.advance(minute);
				await store.complete(await claimed(store, 'answered', 'me', { taskId }), answer());

				expect(await store.findReview({ tokenHash: 'old-token' })).toMatchObject({ identity: { key: 'old', taskId } });
				expect(await store.findReview({ taskId })).toMatchObject({
					identity: { key: 'new', taskId },
					payload: { prompt: 'Hi' },
				});
				await store.decide('new', decision(), null);
				expect(await store.findReview({ taskId })).toMatchObject({ state: 'resolved', identity: { key: 'new' } });
				expect(await store.findReview({ tokenHash: 'no such token' })).toBeUndefined();
				expect(await store.findReview({ taskId: 'no such task' })).toBeUndefined();
			});

			it('opens one review with any of its links, until it expires', async () => {
				await store.escalate(await claimed(store, 'a'), escalation({ tokenHash: 'first', retentionMs: hour }));
				expect(await store.addReviewLink('a', 'second')).toBe(true);
				expect(await store.addReviewLink('no such review', 'third')).toBe(false);
				for (const tokenHash of ['first', 'second'])
					expect(await store.findReview({ tokenHash })).toMatchObject({
						state: 'pending_human_review',
						identity: { key: 'a' },
					});
				expect(await store.findReview({ tokenHash: 'third' })).toBeUndefined();

				await store.decide('a', decision(), null);
				expect(await store.findReview({ tokenHash: 'second' })).toMatchObject({ state: 'resolved' });
				expect(await store.addReviewLink('a', 'fourth')).toBe(false);
				time.advance(2 * hour);
				expect(await store.addReviewLink('a', 'fifth')).toBe(false);
			});

			it('counts a further link as no record, and lets it be added twice', async () => {
				await store.escalate(await claimed(store, 'a'), escalation({ retentionMs: hour }));
				for (const repeat of [1, 2]) expect(await store.addReviewLink('a', 'second'), `call ${repeat}`).toBe(true);
				expect((await store.list({ states: [], limit: 10 })).records).toHaveLength(1);
				time.advance(2 * hour);
				expect(await store.prune()).toBe(1);
				expect(await store.findReview({ tokenHash: 'second' })).toMatchObject({ state: 'expired' });
				time.advance(31 * day);
				expect(await store.prune()).toBe(1);
				expect(await store.findReview({ tokenHash: 'second' })).toBeUndefined();
			});

			it('opens with no old link the next review of the same task', async () => {
				await store.escalate(await claimed(store, 'a'), escalation({ tokenHash: 'first', retentionMs: hour }));
				await store.addReviewLink('a', 'second');
				time.advance(2 * hour);
				await store.escalate(
					await claimed(store, 'a', 'somebody else'),
					escalation({ tokenHash: 'of the next review' }),
				);
				for (const tokenHash of ['first', 'second']) expect(await store.findReview({ tokenHash })).toBeUndefined();
				expect(await store.findReview({ tokenHash: 'of the next review' })).toMatchObject({
					state: 'pending_human_review',
				});
			});
		});

		describe('note', () => {
			it('keeps the numbers of an answer, and leaves the key free', async () => {
				await store.note(identityOf('a'), { kind: 'answered', ...answer(null) });
				const record = await store.get('a');
				expect(record).toMatchObject({ state: 'answered', identity: identityOf('a'), summary, payload: null });
				expectNear(record?.state === 'answered' ? record.endedAt - record.startedAt : 0, summary.latencyMs);
				await claimed(store, 'a');
			});

			it('keeps a review that can be decided', async () => {
				await store.note(identityOf('a'), { kind: 'escalated', ...escalation() });
				expect(await store.claim({ identity: identityOf('a'), owner: 'me', leaseMs })).toMatchObject({
					kind: 'finished',
					record: { state: 'pending_human_review' },
				});
				expect(await store.decide('a', decision(), null)).toMatchObject({ kind: 'decided' });
			});

			it('takes nothing away from a record that is there', async () => {
				const lease = await claimed(store, 'working');
				await store.escalate(await claimed(store, 'review'), escalation());
				await store.complete(await claimed(store, 'answer'), answer('to replay'));

				for (const key of ['working', 'review', 'answer']) {
					await store.note(identityOf(key), { kind: 'answered', ...answer(null) });
					await store.note(identityOf(key, { taskId: 'noted' }), {
						kind: 'escalated',
						...escalation({ tokenHash: `noted over ${key}` }),
					});
				}
				expect(await store.get('review')).toMatchObject({ state: 'pending_human_review', tokenHash: 'token-1' });
				expect(await store.get('answer')).toMatchObject({ payload: 'to replay' });
				expect(await store.complete(lease, answer())).toBe('stored');

				const noted = await store.findReview({ tokenHash: 'noted over review' });
				expect(noted?.identity.key).toMatch(/^review:.+/);
				expect(await store.decide(noted?.identity.key ?? '', decision(), null)).toMatchObject({ kind: 'decided' });
				expect((await allOf(store, {})).length).toBe(9);
			});

			it('may be repeated for a review when its reply was lost, and is kept and counted once', async () => {
				await store.complete(await claimed(store, 'taken'), answer());
				for (const key of ['free', 'taken']) {
					const note = { kind: 'escalated', ...escalation({ tokenHash: `of ${key}`, ledger: [taskLine()] }) } as const;
					for (let repeat = 0; repeat < 3; repeat++) await store.note(identityOf(key), note);
					await Promise.all([store, open()].map(async (one) => await one.note(identityOf(key), note)));
					expect(await store.findReview({ tokenHash: `of ${key}` })).toMatchObject({ state: 'pending_human_review' });
				}
				expect(await allOf(store, {})).toHaveLength(3);
				expect(await linesOf(store, 'task')).toBe(2);
			});
		});

		describe('list', () => {
			it('pages through everything once, newest first, though many ended in the same instant', async () => {
				const keys = Array.from({ length: 23 }, (_, index) => `k${String(index * 7).padStart(3, '0')}`);
				for (const [index, key] of keys.entries()) {
					if (index % 5 === 0) time.advance(second);
					const lease = await claimed(store, key);
					if (index % 3 === 0) await store.complete(lease, answer());
					if (index % 3 === 1) await store.escalate(lease, escalation({ tokenHash: key }));
				}
				for (const limit of [1, 4, 23, 100]) {
					const records = await allOf(store, { limit });
					expect(records.map(({ identity }) => identity.key).toSorted()).toEqual(keys.toSorted());
					const places = records.map(
						(record) => `${String(instantOf(record)).padStart(15, '0')}:${record.identity.key}`,
					);
					expect(places).toEqual(places.toSorted().toReversed());
				}
			});

			it('gives no cursor with the last page, even when it is full', async () => {
				for (const key of ['a', 'b', 'c', 'd']) await claimed(store, key);
				const first = await store.list({ states: [], limit: 2 });
				expect(first.records).toHaveLength(2);
				const second = await store.list({ states: [], limit: 2, cursor: first.cursor ?? '' });
				expect(second.records).toHaveLength(2);
				expect(second.cursor).toBeUndefined();
				expect((await store.list({ states: ['expired'], limit: 2 })).cursor).toBeUndefined();
			});

			it('does not lose its place when records come, go and change between two pages', async () => {
				for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
					await store.complete(await claimed(store, key), answer());
					time.advance(second);
				}
				const first = await store.list({ states: [], limit: 2 });
				expect(keysOf(first.records)).toEqual(['f', 'e']);
				await claimed(store, 'g');
				const second_ = await store.list({ states: [], limit: 2, cursor: first.cursor ?? '' });
				expect(keysOf(second_.records)).toEqual(['d', 'c']);
				time.advance(day);
				await claimed(store, 'c', 'somebody new');
				expect(keysOf((await store.list({ states: [], limit: 5, cursor: second_.cursor ?? '' })).records)).toEqual([
					'b',
					'a',
				]);
			});

			it('filters by state, and shows a review whose time is over as expired before anybody pruned', async () => {
				await claimed(store, 'processing');
				await store.complete(await claimed(store, 'answered'), answer());
				await store.escalate(await claimed(store, 'soon over'), escalation({ tokenHash: 't1', retentionMs: hour }));
				await store.escalate(await claimed(store, 'pending'), escalation({ tokenHash: 't2' }));
				await store.escalate(await claimed(store, 'resolved'), escalation({ tokenHash: 't3' }));
				await store.decide('resolved', decision(), null);
				time.advance(2 * hour);

				const keys = async (...states: RecordQuery['states']) => keysOf(await allOf(store, { states })).toSorted();
				const check = async () => {
					expect(await keys('processing')).toEqual(['processing']);
					expect(await keys('answered')).toEqual(['answered']);
					expect(await keys('pending_human_review')).toEqual(['pending']);
					expect(await keys('resolved')).toEqual(['resolved']);
					expect(await keys('expired')).toEqual(['soon over']);
					expect(await keys('pending_human_review', 'expired')).toEqual(['pending', 'soon over']);
					expect(await keys()).toHaveLength(5);
				};
				await check();
				await store.prune();
				await check();
			});

			it('filters by the end of the run: from the first instant on, before the second', async () => {
				const ends: number[] = [];
				for (const key of ['a', 'b', 'c', 'd']) {
					const lease = await claimed(store, key);
					time.advance(minute);
					await store.complete(lease, answer());
					ends.push(instantOf(await stored(store, key)));
				}
				const [, endOfB = 0, , endOfD = 0] = ends;
				expect(keysOf(await allOf(store, { since: endOfB, before: endOfD }))).toEqual(['c', 'b']);
				expect(keysOf(await allOf(store, { since: endOfB, before: endOfD, limit: 1 }))).toEqual(['c', 'b']);
				expect(keysOf(await allOf(store, { before: endOfB + 0.5 }))).toEqual(['b', 'a']);
				expect(keysOf(await allOf(store, { since: endOfB + 0.5 }))).toEqual(['d', 'c']);
			});

			it('filters by workflow and by due date, page by page', async () => {
				for (let index = 0; index < 12; index++) {
					const lease = await claimed(store, `k${index}`, 'me', { workflowId: index % 3 === 0 ? 'wanted' : 'other' });
					await store.escalate(lease, escalation({ tokenHash: `t${index}`, dueInMs: index % 2 === 0 ? hour : null }));
					time.advance(second);
				}
				expect(keysOf(await allOf(store, { workflowId: 'wanted', limit: 1 }))).toEqual(['k9', 'k6', 'k3', 'k0']);
				const dueAt = (await stored(store, 'k4')) as Extract<TaskRecord, { state: 'pending_human_review' }>;
				expect(keysOf(await allOf(store, { dueBefore: dueAt.dueAt ?? 0, limit: 2 }))).toEqual(['k4', 'k2', 'k0']);
				expect(keysOf(await allOf(store, { dueBefore: dueAt.dueAt ?? 0, workflowId: 'wanted' }))).toEqual(['k0']);
			});

			it('brings reviews with their payload unless told not to, and answers without', async () => {
				await store.complete(await claimed(store, 'answer'), answer());
				await store.escalate(await claimed(store, 'review'), escalation());
				await store.escalate(await claimed(store, 'resolved'), escalation({ tokenHash: 't2' }));
				await store.decide('resolved', decision(), null);
				const payloads = async (query: Partial<RecordQuery>) =>
					Object.fromEntries(
						(await allOf(store, query)).map((record) => [
							record.identity.key,
							'payload' in record && record.payload !== null,
						]),
					);
				expect(await payloads({})).toEqual({ answer: false, review: true, resolved: true });
				expect(await payloads({ payloads: false })).toEqual({ answer: false, review: false, resolved: false });
			});

			it('refuses a cursor that is not its own', async () => {
				await expect(store.list({ states: [], limit: 1, cursor: 'page 2' })).rejects.toThrow(TaskStoreError);
			});
		});

		describe('prune', () => {
			it('expires reviews, drops content whose time is over, later forgets the records, and spares what is needed', async () => {
				await claimed(store, 'abandoned');
				await store.complete(await claimed(store, 'answer'), answer('text', hour));
				await store.complete(await claimed(store, 'numbers'), answer(null));
				await store.escalate(await claimed(store, 'review'), escalation({ tokenHash: 't1', retentionMs: hour }));
				await store.escalate(await claimed(store, 'resolved'), escalation({ tokenHash: 't2', retentionMs: hour }));
				await store.decide('resolved', decision(), null);
				await store.escalate(
					await claimed(store, 'long review'),
					escalation({ tokenHash: 't3', retentionMs: 60 * day }),
				);
				expect(await store.prune()).toBe(0);

				time.advance(2 * hour);
				expect(await store.prune()).toBe(3);
				expect(await store.prune()).toBe(0);
				expect(await store.get('answer')).toMatchObject({ state: 'answered', summary, payload: null });
				expect(await store.get('review')).toMatchObject({ state: 'expired', payload: null });
				expect(await store.get('resolved')).toMatchObject({
					state: 'resolved',
					payload: null,
					decision: { output: null },
				});
				const lease = await claimed(store, 'working');

				time.advance(30 * day + minute);
				await claimed(store, 'working', 'new owner');
				expect(await store.prune()).toBe(5);
				expect(keysOf(await allOf(store, {})).toSorted()).toEqual(['long review', 'working']);
				expect(await store.findReview({ tokenHash: 't1' })).toBeUndefined();
				expect(await store.findReview({ tokenHash: 't3' })).toMatchObject({
					state: 'pending_human_review',
					payload: { prompt: 'Hi' },
				});
				expect(await store.complete(lease, answer())).toBe('lease_lost');
			});

			it('gets through many records, also when two clients prune at once', async () => {
				const count = 1100;
				await inParallel(
					count,
					async (index) => await store.note(identityOf(`k${index}`), { kind: 'answered', ...answer('text', hour) }),
				);
				time.advance(2 * hour);
				const other = open();
				const touched = await Promise.all([store.prune(), other.prune()]);
				expect(touched[0] + touched[1] + (await store.prune())).toBe(count);
				time.advance(31 * day);
				await Promise.all([store.prune(), other.prune()]);
				await store.prune();
				expect((await store.list({ states: [], limit: 1 })).records).toEqual([]);
			});
		});

		describe('content', () => {
			it('comes back as it went in: every script, control characters, half a surrogate pair', async () => {
				const text = 'Zażółć 日本語 🧑‍🚀 \u0000\u0001\u2028 "quote" \\ \ud800 {{ $json }}';
				const identity = {
					...identityOf('a', { taskId: text, workflowId: 'wf' }),
					origin: { ...identityOf('a').origin, workflowName: text, nodeName: text },
				};
				const claim = await store.claim({ identity, owner: 'me', leaseMs });
				if (claim.kind !== 'acquired') throw new Error(claim.kind);
				await store.escalate(claim.lease, escalation({ payload: { [text]: [text, { __proto__x: 1.5e-7 }] } }));
				await store.decide('a', decision({ output: { [text]: text }, reviewer: text, comment: text }), null);
				expect(await store.get('a')).toMatchObject({
					identity,
					payload: { [text]: [text, { __proto__x: 1.5e-7 }] },
					decision: { output: { [text]: text }, reviewer: text, comment: text },
				});
				expect(await store.findReview({ taskId: text })).toMatchObject({ identity });
			});

			it('may have 5 MB', async () => {
				const output = 'äöü 🚀 '.repeat(450_000);
				expect(Buffer.byteLength(output)).toBeGreaterThan(5_000_000);
				expect(await store.complete(await claimed(store, 'a'), answer({ output }))).toBe('stored');
				const replay = await open().claim({ identity: identityOf('a'), owner: 'later', leaseMs });
				const payload = replay.kind === 'finished' ? replay.record.payload : undefined;
				expect((payload as { output: string }).output === output).toBe(true);
			});
		});

		describe('clocks', () => {
			afterEach(() => {
				vi.restoreAllMocks();
			});

			it('agrees on a lease between machines whose own clocks are hours apart', async () => {
				const lease = await claimed(store, 'a', 'first');
				const other = open();
				const realNow = Date.now;
				for (const skew of [-5 * hour, 5 * hour]) {
					vi.spyOn(Date, 'now').mockImplementation(() => realNow() + skew);
					expect(await other.claim({ identity: identityOf('a'), owner: 'second', leaseMs })).toEqual({
						kind: 'inProgress',
						until: lease.until,
					});
				}
				expect(await other.get('a')).toMatchObject({ until: lease.until });
				vi.restoreAllMocks();
				expect(await store.complete(lease, answer())).toBe('stored');
			});
		});

		describe('close', () => {
			it('refuses every call afterwards, may be repeated, and takes nothing from others', async () => {
				const lease = await claimed(store, 'a');
				const closed = open();
				await closed.get('a');
				await closed.close();
				await closed.close();
				await expect(closed.get('a')).rejects.toThrow(TaskStoreError);
				await expect(closed.claim({ identity: identityOf('b'), owner: 'me', leaseMs })).rejects.toThrow(/closed/);
				if (closed !== store) expect(await store.complete(lease, answer())).toBe('stored');
			});

			it('needs no call before it', async () => {
				const unused = open();
				await unused.close();
				await expect(unused.prune()).rejects.toThrow(TaskStoreError);
			});
		});

		function expectNear(instant: number, expected: number): void {
			expect(Math.abs(instant - expected)).toBeLessThanOrEqual(world.clockToleranceMs);
		}
	});
}

async function stored(store: TaskStore, key: string): Promise<TaskRecord> {
	const record = (await store.get(key)) ?? (await claimed(store, key).then(async () => await store.get(key)));
	if (record === undefined) throw new Error(`There is no ${key}`);
	return record;
}

function instantOf(record: TaskRecord): number {
	return record.state === 'processing' ? record.startedAt : record.endedAt;
}

function keysOf(records: readonly TaskRecord[]): string[] {
	return records.map(({ identity }) => identity.key);
}

async function allOf(store: TaskStore, query: Partial<RecordQuery>): Promise<readonly TaskRecord[]> {
	const records: TaskRecord[] = [];
	let cursor: string | undefined;
	do {
		const page = await store.list({ states: [], limit: 100, ...query, ...(cursor !== undefined && { cursor }) });
		expect(page.records.length).toBeLessThanOrEqual(query.limit ?? 100);
		records.push(...page.records);
		cursor = page.cursor;
	} while (cursor !== undefined);
	return records;
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
	let next = 0;
	await Promise.all(
		Array.from({ length: 20 }, async () => {
			while (next < count) await work(next++);
		}),
	);
}
