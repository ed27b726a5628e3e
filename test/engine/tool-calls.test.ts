import { describe, expect, it } from 'vitest';

import { checkAnswer, type Expected } from '../../nodes/ResilientLlm/engine/answer-check';
import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import { conversationOf, type ToolCall, type ToolChoice } from '../../nodes/ResilientLlm/engine/conversation';
import { createVirtualClock } from './virtual-clock';
import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import { answer, portsOf, scriptedStep, taskOf } from './scripted-step';

const tools = ['book', 'search'].map((name) => ({ name, description: '', schema: { type: 'object' } }));
const call = (name: string, argumentsText = '{"amount": 42}'): ToolCall => ({ id: 'call_1', name, argumentsText });
const calling = (...toolCalls: readonly ToolCall[]): Completion => ({
	kind: 'completion',
	text: '',
	toolCalls,
	finishReason: 'tool_calls',
	model: 'm',
});
const expected = (toolChoice: ToolChoice = { kind: 'auto' }): Expected => ({
	content: { output: { kind: 'jsonSchema', schema: {} }, tools, toolChoice },
	schemaProblems: async () => await Promise.resolve(['the text is checked']),
	argumentProblems: new Map([
		['book', async (json: string) => await Promise.resolve(json.includes('42') ? [] : ['amount must be 42'])],
	]),
});
const problemsOf = async (completion: Completion, toolChoice?: ToolChoice) => {
	const verdict = await checkAnswer(completion, expected(toolChoice));
	return verdict.kind === 'failure' ? (verdict.problems ?? verdict.reason) : 'accepted';
};

describe('tool calls', () => {
	it('are a whole answer without a word of text, and the format of the text does not bind them', async () => {
		expect(await problemsOf(calling(call('book'), call('search', '{}')))).toBe('accepted');
	});

	it.each([
		['a tool that is not on offer', call('delete'), ['There is no tool named "delete"']],
		['broken JSON', call('book', '{"amount": 4'), ['The arguments for "book" must be one JSON object']],
		['a list', call('book', '[42]'), ['The arguments for "book" must be one JSON object']],
		['arguments that miss the schema', call('book', '{}'), ['The arguments for "book": amount must be 42']],
	])('are refused for %s', async (_, bad, problems) => {
		expect(await problemsOf(calling(call('book'), bad))).toEqual(problems);
	});

	it.each([
		'{"name": "book", "parameters": {"amount":42 "account":savings}',
		'```json\n{"name":"book","arguments":{}}\n```',
		' [{"function": "book"}]',
	])('written as text are no answer: %s', async (text) => {
		expect(await problemsOf({ ...calling(), text, finishReason: 'stop' })).toEqual([
			'Call the tool, do not write of it',
		]);
	});

	it('of tools that are not on offer may be written about', async () => {
		const text = '{"name": "Ada", "age": 36}';
		const content = { ...expected().content, output: { kind: 'text' } } as const;
		const completion = { ...calling(), text, finishReason: 'stop' } as const;
		expect(await checkAnswer(completion, { content })).toMatchObject({ kind: 'accepted' });
	});

	it('cut off by the output limit are never run', async () => {
		expect(await problemsOf({ ...calling(call('book')), finishReason: 'length' })).toBe('truncated');
		expect(await problemsOf({ ...calling(call('book')), finishReason: 'content_filter' })).toBe('content_blocked');
	});

	it('that are announced but missing are a bad response', async () => {
		expect(await problemsOf(calling())).toBe('bad_response');
	});

	it('must be those that the choice of tools asks for', async () => {
		expect(await problemsOf(calling(call('book')), { kind: 'none' })).toEqual(['No tool may be called in this answer']);
		expect(await problemsOf(calling(call('book')), { kind: 'required' })).toBe('accepted');
		const text = { ...calling(), text: 'Hello', finishReason: 'stop' } as const;
		expect(await problemsOf(text, { kind: 'required' })).toEqual(['The answer must be a call of a tool']);
		const search = { kind: 'tool', name: 'search' } as const;
		expect(await problemsOf(text, search)).toEqual(['The answer must be a call of the tool "search"']);
		expect(await problemsOf(calling(call('book')), search)).toEqual([
			'The answer must be a call of the tool "search", not of "book"',
		]);
	});
});

describe('in the chain', () => {
	const question = conversationOf({ prompt: 'Book it', systemMessage: '', attachments: [], output: { kind: 'text' } });
	const content = { ...question, tools };
	const clock = createVirtualClock();

	it('a call that does not fit is shown to the model with its problem, and with a result for it', async () => {
		const step = scriptedStep(clock, [calling(call('delete')), calling(call('book'))]);
		const outcome = await clock.drive(runChain(taskOf(clock, [step], { content }), portsOf(clock)));
		expect(outcome).toMatchObject({ kind: 'answered', completion: { toolCalls: [call('book')] } });
		expect(step.calls[1]!.request.content.messages.slice(1)).toEqual([
			{ role: 'assistant', text: '', toolCalls: [call('delete')] },
			expect.objectContaining({ role: 'tool', callId: 'call_1', isError: true }),
			{
				role: 'user',
				parts: [{ kind: 'text', text: expect.stringContaining('There is no tool named "delete"') }],
			},
		]);
	});

	it('a step gets its own keepsakes and nobody else’s', async () => {
		const step = scriptedStep(clock, [answer('Done')], { target: 'mine' });
		const said = (target: string) =>
			({ role: 'assistant', text: target, toolCalls: [], keepsake: { target, content: 'signature' } }) as const;
		const messages = [...question.messages, said('mine'), said('other')];
		await clock.drive(runChain(taskOf(clock, [step], { content: { ...content, messages } }), portsOf(clock)));
		expect(step.calls[0]!.request.content.messages.slice(1)).toEqual([
			said('mine'),
			{ role: 'assistant', text: 'other', toolCalls: [] },
		]);
	});

	it('calls without a word are no draft for a human', async () => {
		const step = scriptedStep(clock, [calling(call('delete')), calling(call('delete'))]);
		const outcome = await clock.drive(runChain(taskOf(clock, [step], { content }), portsOf(clock)));
		expect(outcome).toMatchObject({ kind: 'escalated', reasonCode: 'invalid_output' });
		expect(outcome).not.toHaveProperty('draft');
	});
});
