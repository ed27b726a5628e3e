import { randomBytes } from 'node:crypto';

import type { Completion } from '../../engine/completion';
import type { AssistantMessage, Keepsake, Message, ToolCall, ToolMessage } from '../../engine/conversation';

/**
 * Remembers, for the executions of this process, the turns in which models called tools, because n8n does not return
 * them unchanged.
 */
export interface RememberedTurns {
	/**
	 * Stores a turn with tool calls for the target (model) that wrote it. Returns the completion; a call ID that the
	 * execution has used before is replaced by a new one.
	 */
	remember(execution: string, completion: Completion, target: string): Completion;
	/**
	 * Returns the messages with n8n's changes undone: n8n splits parallel calls of one turn into separate turns, adds to
	 * their arguments, and drops the keepsake, that is the data (such as reasoning) that must be sent back unchanged to
	 * the model that wrote it.
	 */
	restore(execution: string, messages: readonly Message[]): readonly Message[];
}

/**
 * The most calls that are remembered; then the oldest are dropped. An agent makes a few calls per run, and a process
 * has a few hundred runs at a time.
 */
const maxCalls = 5000;

export function createRememberedTurns(newId: () => string = newCallId): RememberedTurns {
	/** The turn of each call, by execution and call ID, oldest first. */
	const turns = new Map<string, AssistantMessage>();

	return { remember, restore };

	function remember(execution: string, completion: Completion, target: string): Completion {
		const { toolCalls = [], text, keepsake } = completion;
		if (toolCalls.length === 0) return completion;
		const own = toolCalls.map((call) => ({ ...call, id: turns.has(keyOf(execution, call.id)) ? newId() : call.id }));
		const kept: Keepsake | undefined = keepsake === undefined ? undefined : { target, content: keepsake };
		const turn: AssistantMessage = {
			role: 'assistant',
			text,
			toolCalls: own,
			...(kept !== undefined && { keepsake: kept }),
		};
		for (const { id } of own) turns.set(keyOf(execution, id), turn);
		for (const key of turns.keys()) {
			if (turns.size <= maxCalls) break;
			turns.delete(key);
		}
		return { ...completion, toolCalls: own };
	}

	function restore(execution: string, messages: readonly Message[]): readonly Message[] {
		const restored: Message[] = [];
		for (let index = 0; index < messages.length;) {
			const message = messages[index]!;
			const turn = message.role === 'assistant' ? turnOf(message) : undefined;
			if (turn === undefined) {
				restored.push(message);
				index += 1;
				continue;
			}
			const replayed = replayOf(turn, messages.slice(index));
			restored.push(withCalls(turn, replayed.calls), ...replayed.results);
			index += replayed.length;
		}
		return restored;

		function turnOf({ toolCalls }: AssistantMessage): AssistantMessage | undefined {
			const [first] = toolCalls;
			const turn = first === undefined ? undefined : turns.get(keyOf(execution, first.id));
			return turn !== undefined && areAmong(toolCalls, turn) ? turn : undefined;
		}
	}
}

interface Replay {
	/** The number of messages that the turn and its results take up in n8n's history. */
	readonly length: number;
	readonly calls: ReadonlySet<string>;
	readonly results: readonly ToolMessage[];
}

function replayOf(turn: AssistantMessage, messages: readonly Message[]): Replay {
	const calls = new Set<string>();
	const results: ToolMessage[] = [];
	let length = 0;
	for (const message of messages) {
		if (message.role === 'assistant') {
			const isMore = message.toolCalls.length > 0 && areAmong(message.toolCalls, turn);
			if (!isMore || message.toolCalls.some(({ id }) => calls.has(id))) break;
			for (const { id } of message.toolCalls) calls.add(id);
		} else if (message.role === 'tool' && calls.has(message.callId)) {
			results.push(message);
		} else {
			break;
		}
		length += 1;
	}
	return { length, calls, results };
}

function areAmong(calls: readonly ToolCall[], turn: AssistantMessage): boolean {
	return calls.every((call) => turn.toolCalls.some(({ id, name }) => id === call.id && name === call.name));
}

/**
 * The turn with only these calls. If an agent dropped a call, the keepsake is dropped too, because reasoning belongs to
 * the whole turn.
 */
function withCalls(turn: AssistantMessage, calls: ReadonlySet<string>): AssistantMessage {
	if (turn.toolCalls.every(({ id }) => calls.has(id))) return turn;
	const { keepsake: _, ...rest } = turn;
	return { ...rest, toolCalls: turn.toolCalls.filter(({ id }) => calls.has(id)) };
}

function keyOf(execution: string, id: string): string {
	return JSON.stringify([execution, id]);
}

/** Nine letters and digits, a form that every vendor accepts. */
function newCallId(): string {
	return randomBytes(8).toString('hex').slice(0, 9);
}
