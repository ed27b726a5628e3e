import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Tool } from '../../../nodes/ResilientLlm/engine/conversation';
import { argumentsOf, argumentsTextOf } from '../../../nodes/ResilientLlm/providers/conversation/call-arguments';
import { madeId } from '../../../nodes/ResilientLlm/providers/conversation/call-ids';
import { fittingName, ownName } from '../../../nodes/ResilientLlm/providers/conversation/tool-names';
import { betweenUserTurns, turnsOf } from '../../../nodes/ResilientLlm/providers/conversation/turns';
import { wellFormed } from '../../../nodes/ResilientLlm/providers/conversation/well-formed';

const tool = (name: string): Tool => ({ name, description: '', schema: { type: 'object' } });

describe("a tool's name", () => {
	const rule = { allowed: /^[a-zA-Z_][a-zA-Z0-9_-]*$/, maxLength: 64 };

	it('stays as it is where the vendor takes it', () => {
		expect(fittingName('get-weather_2', rule)).toBe('get-weather_2');
	});

	it('is legible where it does not', () => {
		expect(fittingName('wetter holen', rule)).toMatch(/^wetter_holen_[0-9a-f]{8}$/);
		expect(fittingName('3d view', rule)).toMatch(/^_3d_view_[0-9a-f]{8}$/);
		expect(fittingName('x'.repeat(65), rule)).toMatch(/^x{55}_[0-9a-f]{8}$/);
	});

	it('always fits, and is found again among others that look the same', () => {
		fc.assert(
			fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 70 }), { maxLength: 3 }), (names) => {
				const tools = names.map(tool);
				for (const name of names) {
					const sent = fittingName(name, rule);
					expect(sent).toMatch(/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/);
					expect(ownName(sent, tools, rule)).toBe(name);
				}
			}),
		);
	});

	it('that was never sent stays as the model wrote it', () => {
		expect(ownName('invented tool', [tool('weather')], rule)).toBe('invented tool');
	});
});

describe("a call's arguments", () => {
	const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;

	it('are an object for vendors that take nothing else', () => {
		expect(argumentsOf('{"city":"Rome"}')).toEqual({ city: 'Rome' });
		for (const text of ['', 'Rome', '["Rome"]', 'null', deep]) expect(argumentsOf(text)).toEqual({});
	});

	it('come back as text, whatever a server sends', () => {
		expect(argumentsTextOf({ city: 'Rome' })).toBe('{"city":"Rome"}');
		expect(argumentsTextOf('{"city":')).toBe('{"city":');
		expect(argumentsTextOf(undefined)).toBe('{}');
		expect(argumentsTextOf(null)).toBe('{}');
		expect(argumentsTextOf(JSON.parse(deep))).toBe('');
	});
});

it('an ID that we make is nine letters and digits, and the same for the same call alone', () => {
	expect(madeId('reply', 0, 'weather')).toMatch(/^[a-z0-9]{9}$/);
	expect(madeId('reply', 0, 'weather')).toBe(madeId('reply', 0, 'weather'));
	const ids = [madeId('reply', 0, 'a'), madeId('reply', 1, 'a'), madeId('other', 0, 'a'), madeId('reply', 0, 'b')];
	expect(new Set([...ids, madeId('reply', undefined, '0', 'a')]).size).toBe(5);
});

it('half characters are replaced wherever they are, and nothing else is touched', () => {
	expect(wellFormed({ 'a\uD83D': ['x\uDE00y', { b: 'ok 🙂' }, 1, null, true] })).toEqual({
		'a\uFFFD': ['x\uFFFDy', { b: 'ok 🙂' }, 1, null, true],
	});
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			expect(JSON.stringify(wellFormed(value))).toBe(JSON.stringify(value));
		}),
	);
});

describe('turns between those of the user', () => {
	const question = { role: 'user', parts: [{ kind: 'text', text: 'q' }] } as const;
	const answer = { role: 'assistant', text: 'a', toolCalls: [] } as const;

	it('stay as they are when the user begins and ends', () => {
		const turns = turnsOf([question, answer, question]);
		expect(betweenUserTurns(turns)).toEqual(turns);
	});

	it.each([
		['the model begins', [answer, question], ['user', 'assistant', 'user']],
		['the model ends', [question, answer], ['user', 'assistant', 'user']],
		['nobody said a word', [], ['user']],
	])('are added when %s', (_case, messages, roles) => {
		expect(betweenUserTurns(turnsOf(messages)).map(({ role }) => role)).toEqual(roles);
	});
});
