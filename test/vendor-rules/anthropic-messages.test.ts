import { describe, expect, it } from 'vitest';

import { checkAnthropicMessages } from './anthropic-messages';
import { cases } from './anthropic/cases';
import { alsoGood, words } from './anthropic/edges';
import { call, good, mark } from './anthropic/good-conversation';
import { signThinking } from './anthropic/thinking';
import { describeHostileInput, describeRules, edited, rulesOf } from './rule-cases';

describeRules('checkAnthropicMessages', {
	check: checkAnthropicMessages,
	good,
	call,
	cases,
	alsoGood,
	words,
	files: ['blocks', 'caching', 'pairing', 'thinking', 'tools']
		.map((name) => `anthropic/${name}.ts`)
		.concat('anthropic-messages.ts'),
});
describeHostileInput('checkAnthropicMessages', checkAnthropicMessages, good);

describe('what Claude takes', () => {
	const refusals = (body: object) =>
		rulesOf(checkAnthropicMessages(body, call).filter(({ severity }) => severity === 'refused'));

	it('a tool loop of another vendor, without any thinking', () => {
		expect(refusals(edited(good, { 'messages.1.content.0': undefined, model: 'claude-opus-5-5' }))).toEqual([]);
	});

	it('marks for the cache that move on, beside thinking that is bound to what stands before it', () => {
		const moved = edited(good, { 'system.0.cache_control': undefined, 'messages.0.content.2.cache_control': mark });
		expect(refusals(moved)).toEqual([]);
	});

	it('results in two messages, and a text as string or as block: both are the same conversation', () => {
		const [first, second, third] = good.messages[2]!.content;
		const split = { 'messages.2.content': [first], 'messages.+': { role: 'user', content: [second, third] } };
		expect(refusals(edited(good, split))).toEqual([]);
		expect(refusals(edited(good, { system: 'Be brief. '.repeat(400) }))).toEqual([]);
	});

	it('a system message behind the results of tools', () => {
		expect(refusals(edited(good, { 'messages.+': { role: 'system', content: 'Hurry.' } }))).toEqual([]);
	});

	it('forced tools on the models that have kept them', () => {
		expect(refusals(edited(good, { tool_choice: { type: 'any' } }))).toEqual([]);
		expect(refusals(edited(good, { tool_choice: { type: 'any' }, model: 'claude-opus-5' }))).toEqual([]);
	});

	it('thinking left out of the middle makes the later blocks invalid', () => {
		const second = { type: 'thinking', thinking: '', signature: signThinking(good, '') };
		const grown = {
			...good,
			messages: [
				...good.messages,
				{ role: 'assistant', content: [second, { type: 'text', text: 'Sun.' }] },
				{ role: 'user', content: 'And tomorrow?' },
			],
		};
		expect(refusals(grown)).toEqual([]);
		expect(refusals(edited(grown, { 'messages.1.content.0': undefined }))).toEqual(['thinking-bound-elsewhere']);
	});
});
