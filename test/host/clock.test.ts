import { getEventListeners } from 'node:events';

import { expect, it } from 'vitest';

import type { EpochMs, MonotonicMs } from '../../nodes/ResilientLlm/engine/clock';
import { systemClock, wallClock } from '../../nodes/ResilientLlm/host/clock';
import { afterASleepOf } from './slept';

it('tells the time', () => {
	expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
});

it('tells the time on the wall after the machine has slept, and when something began by it', async () => {
	const hour = 3_600_000;
	await afterASleepOf(8 * hour, async () => {
		await Promise.resolve();
		expect(Date.now() - systemClock.now()).toBeGreaterThan(7 * hour);
		expect(Math.abs(wallClock.now() - Date.now())).toBeLessThan(1000);
		const anHourAgo = systemClock.wallTime(systemClock.now() - hour);
		expect(Math.abs(Date.now() - hour - anHourAgo)).toBeLessThan(1000);
	});
});

it('is not taken for the clock on the wall: the compiler sees to it', () => {
	// @ts-expect-error Another clock.
	const dueAt: EpochMs = systemClock.now();
	// @ts-expect-error Another clock.
	const deadline: MonotonicMs = wallClock.now();
	expect([dueAt, deadline].map(Number.isFinite)).toEqual([true, true]);
});

it('ends a wait at once when the signal aborts, and leaves no listener behind', async () => {
	const controller = new AbortController();
	const wait = systemClock.wait(60_000, controller.signal);
	controller.abort();
	await wait;
	expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

it('does not wait when there is no reason to', async () => {
	await systemClock.wait(60_000, AbortSignal.abort());
	await systemClock.wait(0, new AbortController().signal);
	await systemClock.wait(-5, new AbortController().signal);
});

it('leaves no listener behind after a wait', async () => {
	const { signal } = new AbortController();
	await systemClock.wait(1, signal);
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});
