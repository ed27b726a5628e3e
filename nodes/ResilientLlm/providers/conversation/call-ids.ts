import { createHash } from 'node:crypto';

import type { Turn } from './turns';

/** Which IDs of tool calls a vendor takes. */
export interface CallIdRule {
	readonly allowed: RegExp;
	readonly maxLength: number;
}

/**
 * The same turns with IDs that the vendor takes, each the only one of its kind: some servers count their calls from
 * zero in every turn. One that fits stays as it is; another gets one made of it, the same in every request, so that the
 * vendor's cache of the conversation holds.
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
 * An ID for a call that came without one, of all that tells it from other calls: the same reply gives the same IDs.
 */
export function madeId(...told: ReadonlyArray<string | number | undefined>): string {
	return nineLetters(JSON.stringify(told));
}

/** Nine letters and digits, which is what Mistral wants and everybody takes. */
function nineLetters(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 9);
}
