import type { AssistantMessage, Message, Part, ToolCall, ToolMessage } from '../../engine/conversation';

/** A conversation's messages as vendors take them: nothing is empty, and every call has exactly one result. */
export type Turn =
	| { readonly role: 'user'; readonly parts: readonly Part[] }
	| AssistantMessage
	/** One for each call of the turn before, in the order of the calls. */
	| { readonly role: 'results'; readonly results: readonly ToolMessage[] };

const noResult = 'No result of this call was kept.';

/**
 * Puts a history in order, whoever wrote it: agents stop between a call and its result, memories are cut anywhere, and
 * models write empty messages. Nothing that was said is left out. System messages are not part of it.
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

/** The same turns for vendors to whom the user must speak first, and last unless tools do. */
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

/** Results that belong to no call, or to one that has its result already. */
function orphansAmong(results: readonly ToolMessage[], calls: readonly ToolCall[]): readonly ToolMessage[] {
	const called = new Set(calls.map(({ id }) => id));
	return results.filter(({ callId }) => !called.delete(callId));
}

/** What a tool gave back to a call that nobody can find any more. */
function told({ name, parts }: ToolMessage): Turn {
	return {
		role: 'user',
		parts: [{ kind: 'text', text: `Result of ${name === '' ? 'a tool' : name}:` }, ...parts.filter(isSomething)],
	};
}

function isSomething(part: Part): boolean {
	return part.kind !== 'text' || part.text.trim() !== '';
}

/** Adds a turn, if there is anything in it; what the same side says twice in a row is one turn. */
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
