import { describe, expect, it } from 'vitest';

import { createRememberedTurns } from '../../../nodes/ResilientLlm/actions/chat-model/remembered-turns';
import type { Completion } from '../../../nodes/ResilientLlm/engine/completion';
import type { AssistantMessage, Message, ToolMessage } from '../../../nodes/ResilientLlm/engine/conversation';

const call = (id: string, argumentsText = `{"of":"${id}"}`) => ({ id, name: `tool ${id}`, argumentsText });
const calling = (...ids: readonly string[]): Completion => ({
	kind: 'completion',
	text: 'Let me see',
	toolCalls: ids.map((id) => call(id)),
	keepsake: `thoughts about ${ids.join()}`,
	finishReason: 'tool_calls',
	model: 'm',
});
const result = (callId: string): ToolMessage => ({
	role: 'tool',
	callId,
	name: `tool ${callId}`,
	parts: [{ kind: 'text', text: callId }],
	isError: false,
});
/** As n8n replays it: one call at a time, without the text, and with an ID among the arguments. */
const replayed = (id: string): readonly Message[] => [
	{ role: 'assistant', text: '', toolCalls: [call(id, `{"of":"${id}","id":"${id}"}`)] },
	result(id),
];
const question: Message = { role: 'user', parts: [{ kind: 'text', text: 'q' }] };
const whole = (...ids: readonly string[]): AssistantMessage => ({
	role: 'assistant',
	text: 'Let me see',
	toolCalls: ids.map((id) => call(id)),
	keepsake: { target: 't', content: `thoughts about ${ids.join()}` },
});

describe('what a model wrote', () => {
	it('comes back as it was: parallel calls in one turn, arguments and thoughts untouched', () => {
		const turns = createRememberedTurns();
		turns.remember('1', calling('a', 'b'), 't');
		turns.remember('1', calling('c'), 't');
		const history = [question, ...replayed('a'), ...replayed('b'), ...replayed('c')];
		expect(turns.restore('1', history)).toEqual([
			question,
			whole('a', 'b'),
			result('a'),
			result('b'),
			whole('c'),
			result('c'),
		]);
	});

	it('loses its thoughts with a call that n8n has dropped', () => {
		const turns = createRememberedTurns();
		turns.remember('1', calling('a', 'b'), 't');
		const { keepsake: _, ...rest } = whole('a');
		expect(turns.restore('1', [question, ...replayed('a')])).toEqual([question, rest, result('a')]);
	});

	it('is known to its own execution alone', () => {
		const turns = createRememberedTurns();
		turns.remember('1', calling('a'), 't');
		const history = [question, ...replayed('a')];
		expect(turns.restore('2', history)).toEqual(history);
	});

	it('is not mixed up with a call of another tool under its ID', () => {
		const turns = createRememberedTurns();
		turns.remember('1', calling('a'), 't');
		const other: readonly Message[] = [
			{ role: 'assistant', text: '', toolCalls: [{ ...call('a'), name: 'other' }] },
			result('a'),
		];
		expect(turns.restore('1', other)).toEqual(other);
	});
});

describe('an ID', () => {
	it('that another call of the execution has already becomes a new one', () => {
		const turns = createRememberedTurns(() => 'new');
		turns.remember('1', calling('a'), 't');
		expect(turns.remember('1', calling('a'), 't').toolCalls).toEqual([{ ...call('a'), id: 'new' }]);
		expect(turns.remember('2', calling('a'), 't').toolCalls).toEqual([call('a')]);
	});

	it('that a turn without calls has not is none', () => {
		const turns = createRememberedTurns();
		const completion: Completion = { kind: 'completion', text: 'Done', finishReason: 'stop', model: 'm' };
		expect(turns.remember('1', completion, 't')).toBe(completion);
	});
});

it('the oldest turns are forgotten before memory runs out', () => {
	const turns = createRememberedTurns();
	for (let index = 0; index < 5001; index += 1) turns.remember('1', calling(`c${index}`), 't');
	expect(turns.restore('1', replayed('c0'))).toEqual(replayed('c0'));
	expect(turns.restore('1', replayed('c1'))).toEqual([whole('c1'), result('c1')]);
});
