import { AsyncLocalStorage } from 'node:async_hooks';

import type { TurnAnswer } from './turn';

/** What n8n's log shows of a turn besides its text. */
export interface TurnFacts {
	answer?: TurnAnswer;
}

/**
 * n8n's adapter stands between the model and the log, keeps nothing of ours, and may run several calls at once. So what a
 * call came to is told to whoever asked for it.
 */
const asked = new AsyncLocalStorage<TurnFacts>();

export function tellOfTurn(answer: TurnAnswer): void {
	const facts = asked.getStore();
	if (facts !== undefined) facts.answer = answer;
}

export function hearOfTurn<T>(facts: TurnFacts, work: () => T): T {
	return asked.run(facts, work);
}
