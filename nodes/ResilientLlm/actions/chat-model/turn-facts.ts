import { AsyncLocalStorage } from 'node:async_hooks';

import type { TurnAnswer } from './turn';

/** The result of a turn, for the fields that n8n's log shows in addition to the text. */
export interface TurnFacts {
	answer?: TurnAnswer;
}

/**
 * Passes the result of a turn from the chat model to the patched adapter, around n8n's code between them, which only
 * passes on the answer. `AsyncLocalStorage` keeps calls that run at the same time apart.
 */
const asked = new AsyncLocalStorage<TurnFacts>();

export function tellOfTurn(answer: TurnAnswer): void {
	const facts = asked.getStore();
	if (facts !== undefined) facts.answer = answer;
}

export function hearOfTurn<T>(facts: TurnFacts, work: () => T): T {
	return asked.run(facts, work);
}
