import { createHash } from 'node:crypto';

import type { Turn } from './turns';

/** Which tool call IDs a vendor accepts. */
export interface CallIdRule {
	readonly allowed: RegExp;
	readonly maxLength: number;
}

/**
 * The same turns with tool call IDs that the vendor accepts and that are unique in the conversation (some servers
 * restart at 0 in every turn). A valid, unused ID is kept. Any other is replaced by one derived from it by a hash, so
 * that it is the same in every request and the vendor's prompt cache still works.
 */
export function withFittingIds(turns: readonly Turn[], rule: CallIdRule): readonly Turn[] {
	const taken = new Set<string>();
	const freshId = (id: string): string => {
		let fresh = fittingId(id, rule);
		for (let use = 2; taken.has(fresh); use += 1) fresh = madeId(id, use);
		taken.add(fresh);
		return fresh;
	};
	let given: ReadonlyMap<string, string> = new Map();
	return turns.map((turn): Turn => {
		switch (turn.role) {
			case 'user':
				return turn;
			case 'assistant':
				given = new Map(turn.toolCalls.map(({ id }) => [id, freshId(id)]));
				return { ...turn, toolCalls: turn.toolCalls.map((call) => ({ ...call, id: given.get(call.id) ?? call.id })) };
			case 'results':
				return {
					role: 'results',
					results: turn.results.map((result) => ({ ...result, callId: given.get(result.callId) ?? result.callId })),
				};
		}
	});
}

function fittingId(id: string, { allowed, maxLength }: CallIdRule): string {
	if (allowed.test(id) && id.length <= maxLength) return id;
	return nineLetters(id);
}

/**
 * Derives an ID for a tool call that came without one, by hashing what tells it apart from other calls. The same reply
 * always gives the same IDs.
 */
export function madeId(...told: ReadonlyArray<string | number | undefined>): string {
	return nineLetters(JSON.stringify(told));
}

/**
 * Nine letters and digits from a hash of the text: the only form that Mistral accepts, and valid for every other
 * vendor.
 */
function nineLetters(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 9);
}
