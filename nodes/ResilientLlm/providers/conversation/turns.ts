import type { AssistantMessage, Message, Part, ToolCall, ToolMessage } from '../../engine/conversation';

/**
 * A message of a conversation in the form vendors accept: no turn is empty, and every tool call has exactly one result.
 */
export type Turn =
	| { readonly role: 'user'; readonly parts: readonly Part[] }
	| AssistantMessage
	/** One result for each tool call of the preceding turn, in the order of the calls. */
	| { readonly role: 'results'; readonly results: readonly ToolMessage[] };

const noResult = 'No result of this call was kept.';

/**
 * Converts a history into turns that vendors accept. Histories can be incomplete: agents may stop between a call and
 * its result, memories may be cut anywhere, and models may write empty messages. No content is dropped: results without
 * a call become user text. System messages are not included.
 */
export function turnsOf(messages: readonly Message[]): readonly Turn[] {
	const turns: Turn[] = [];
	const said = messages.filter(({ role }) => role !== 'system');
	for (let index = 0; index < said.length; index += 1) {
		const message = said[index]!;
		switch (message.role) {
			case 'user':
				add(turns, { role: 'user', parts: message.parts.filter(isSomething) });
				break;
			case 'assistant': {
				const results = resultsAfter(said, index);
				add(turns, { ...message, toolCalls: distinct(message.toolCalls) });
				if (message.toolCalls.length > 0) {
					add(turns, { role: 'results', results: distinct(message.toolCalls).map((call) => resultOf(call, results)) });
				}
				for (const orphan of orphansAmong(results, message.toolCalls)) add(turns, told(orphan));
				index += results.length;
				break;
			}
			case 'tool':
				add(turns, told(message));
		}
	}
	return turns;
}

const beginningIsLost = 'The beginning of this conversation was not kept.';
const goOn = 'Please go on.';

/**
 * Adds user turns where needed, for vendors that require the conversation to begin with a user message and to end with
 * a user message or tool results.
 */
export function betweenUserTurns(turns: readonly Turn[]): readonly Turn[] {
	const says = (text: string): Turn => ({ role: 'user', parts: [{ kind: 'text', text }] });
	return [
		...(turns[0]?.role === 'assistant' ? [says(beginningIsLost)] : []),
		...turns,
		...(turns.length === 0 || turns.at(-1)?.role === 'assistant' ? [says(goOn)] : []),
	];
}

function resultsAfter(messages: readonly Message[], index: number): readonly ToolMessage[] {
	const results: ToolMessage[] = [];
	for (let next = messages[index + 1]; next?.role === 'tool'; next = messages[index + 1 + results.length]) {
		results.push(next);
	}
	return results;
}

function distinct(calls: readonly ToolCall[]): readonly ToolCall[] {
	return [...new Map(calls.map((call) => [call.id, call])).values()];
}

function resultOf({ id, name }: ToolCall, results: readonly ToolMessage[]): ToolMessage {
	const result = results.find(({ callId }) => callId === id);
	if (result === undefined) {
		return { role: 'tool', callId: id, name, parts: [{ kind: 'text', text: noResult }], isError: true };
	}
	return { ...result, name, parts: result.parts.filter(isSomething) };
}

/** Results that belong to no call, or to a call that already has a result. */
function orphansAmong(results: readonly ToolMessage[], calls: readonly ToolCall[]): readonly ToolMessage[] {
	const called = new Set(calls.map(({ id }) => id));
	return results.filter(({ callId }) => !called.delete(callId));
}

/** Turns a result whose call is missing from the history into a user message. */
function told({ name, parts }: ToolMessage): Turn {
	return {
		role: 'user',
		parts: [{ kind: 'text', text: `Result of ${name === '' ? 'a tool' : name}:` }, ...parts.filter(isSomething)],
	};
}

function isSomething(part: Part): boolean {
	return part.kind !== 'text' || part.text.trim() !== '';
}

/** Appends a turn unless it is empty. Consecutive turns of the same role are merged into one. */
function add(turns: Turn[], turn: Turn): void {
	const last = turns.at(-1);
	if (turn.role === 'user') {
		if (turn.parts.length === 0) return;
		if (last?.role === 'user') turns[turns.length - 1] = { role: 'user', parts: [...last.parts, ...turn.parts] };
		else turns.push(turn);
		return;
	}
	if (turn.role === 'assistant') {
		if (turn.text.trim() === '' && turn.toolCalls.length === 0) return;
		if (last?.role === 'assistant') turns[turns.length - 1] = joined(last, turn);
		else turns.push(turn);
		return;
	}
	turns.push(turn);
}

function joined(one: AssistantMessage, other: AssistantMessage): AssistantMessage {
	const text = [one.text, other.text].filter((part) => part.trim() !== '').join('\n\n');
	return { role: 'assistant', text, toolCalls: [...one.toolCalls, ...other.toolCalls] };
}
