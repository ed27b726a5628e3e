import { getEventListeners } from 'node:events';

import { expect, it } from 'vitest';

import { systemClock } from '../../nodes/ResilientLlm/host/clock';

it('tells the time', () => {
	expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
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
