import type { Message, ToolCall } from '../../../nodes/ResilientLlm/engine/conversation';
import { assistant, pixel, result, user } from './strict-conversation';

export const question = user('How is the weather in Rome?');

export const failing = (callId: string, ...parts: Parameters<typeof result>[1][]) => ({
	...result(callId, ...parts),
	isError: true,
});

/** Histories as they come, each with what of it the model must see. */
export const histories: ReadonlyArray<readonly [name: string, messages: readonly Message[], facts: readonly string[]]> =
	[
		[
			'a plain history',
			[{ role: 'system', text: 'Be brief.' }, user('Hi'), assistant('Hello'), question],
			['Be brief.', 'Hi', 'Hello'],
		],
		['a blank system message', [{ role: 'system', text: ' ' }, question], ['Rome']],
		[
			'one call and its result',
			[question, assistant('', ['a', 'Rome']), result('a', 'sun it is')],
			['Rome', 'sun it is'],
		],
		[
			'words before a call',
			[question, assistant('Let me look.', ['a', 'Rome']), result('a', 'sun')],
			['Let me look.', 'Rome', 'sun'],
		],
		[
			'two parallel calls',
			[question, assistant('', ['a', 'Rome'], ['b', 'Oslo']), result('b', 'rain'), result('a', 'sun')],
			['Rome', 'Oslo', 'rain', 'sun'],
		],
		['a failing tool', [question, assistant('', ['a', 'Rome']), failing('a', 'no such city')], ['no such city']],
		['a failing tool without a word', [question, assistant('', ['a', 'Rome']), failing('a')], ['Rome']],
		['a tool that gives nothing', [question, assistant('', ['a', 'Rome']), result('a')], ['Rome']],
		['an image in a question', [user(pixel, 'Where is this?')], ['Where is this?', 'iVBORw0KGgo']],
		['an image and no words', [user(pixel)], ['iVBORw0KGgo']],
		[
			'an image in a result',
			[question, assistant('', ['a', 'Rome']), result('a', 'see', pixel)],
			['see', 'iVBORw0KGgo'],
		],
		[
			'images in results of parallel calls, one of them failed',
			[question, assistant('', ['a', 'Rome'], ['b', 'Oslo']), failing('a', 'half', pixel), result('b', pixel)],
			['half', 'iVBORw0KGgo'],
		],
		[
			'a result before the next question',
			[question, assistant('', ['a', 'Rome']), result('a', 'sun'), user('And then?')],
			['sun', 'And then?'],
		],
		[
			'a call without its result',
			[question, assistant('', ['a', 'Rome'], ['b', 'Oslo']), result('b', 'rain')],
			['Rome', 'Oslo', 'rain'],
		],
		['a call at the very end', [question, assistant('', ['a', 'Rome'])], ['Rome']],
		['a result without its call', [result('a', 'sun'), question], ['sun', 'Rome']],
		[
			'a result too many',
			[question, assistant('', ['a', 'Rome']), result('a', 'sun'), result('c', 'fog')],
			['sun', 'fog'],
		],
		[
			'empty messages',
			[user(''), assistant(''), user(' ', 'Hi'), assistant(' '), assistant('', ['a', 'Rome']), result('a', '')],
			['Hi', 'Rome'],
		],
		['the model first', [assistant('Hello'), question], ['Hello', 'Rome']],
		['a call first', [assistant('', ['a', 'Rome']), result('a', 'sun')], ['Rome', 'sun']],
		['the model last', [question, assistant('It is')], ['Rome', 'It is']],
		[
			'two of one side',
			[user('Hi'), question, assistant('Well.'), assistant('', ['a', 'Rome']), result('a', 'sun')],
			['Hi', 'Well.', 'sun'],
		],
		[
			'a system message in between',
			[question, assistant('Sun.'), { role: 'system', text: 'Be brief.' }, user('Sure?')],
			['Be brief.', 'Sure?'],
		],
		[
			'one ID in two turns',
			[question, assistant('', ['a', 'Rome']), result('a', 'sun'), assistant('', ['a', 'Oslo']), result('a', 'rain')],
			['sun', 'rain'],
		],
		...[
			'call_1|fc_68af',
			'x'.repeat(70),
			'functions.weather:0',
			'',
			'3',
			'ü',
			'chatcmpl-tool-0123456789abcdef0123456789abcdef',
		].map(
			(id) =>
				[
					`the ID ${id}`,
					[question, assistant('', [id, 'Rome'], ['b', 'Oslo']), result(id, 'sun'), result('b', 'rain')],
					['Rome', 'sun', 'rain'],
				] as const,
		),
		[
			'half a character',
			[user('Half a face: \ud83d'), assistant('', ['a', '\ude00 Rome']), result('a', 'sun \ud83d')],
			['Half a face', 'Rome', 'sun'],
		],
	];

/** Calls of tools as models and memories spoil them. */
export const badCalls: ReadonlyArray<readonly [name: string, change: Partial<ToolCall>]> = [
	['that are no JSON', { argumentsText: '{"city":' }],
	['that are no object', { argumentsText: '"Rome"' }],
	['that are empty', { argumentsText: '' }],
	['too deep for any server', { argumentsText: `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}` }],
	['of a tool with an odd name', { name: 'das Wetter, heute' }],
	['of a tool without a name', { name: '' }],
];
