import type { IExecuteFunctions, INode } from 'n8n-workflow';
import { expect, it } from 'vitest';

import { createParameterReader } from '../../nodes/ResilientLlm/actions/input/parameter-reader';
import { strictContext } from './strict-context';

/** n8n's reading, counted: text that begins with "=" gives another value for each item. */
function readerOf(parameters: INode['parameters']) {
	const asked: string[] = [];
	const reader = createParameterReader(
		strictContext<IExecuteFunctions>({
			getNode: () => ({ parameters }) as INode,
			getNodeParameter: ((name: string, item: number) => {
				asked.push(`${name} of ${item}`);
				return `${name} for ${item}`;
			}) as IExecuteFunctions['getNodeParameter'],
		}),
	);
	return { reader, asked };
}

it('reads what holds for all items once', () => {
	const { reader, asked } = readerOf({ confidence: 'any' });
	expect([0, 1, 2].map((item) => reader('confidence', item))).toEqual([
		'confidence for 0',
		'confidence for 0',
		'confidence for 0',
	]);
	expect(asked).toEqual(['confidence of 0']);
});

it.each([
	['text', { prompt: '={{ $json.text }}' }, 'prompt'],
	[
		'an entry of a list',
		{ providerOrder: { step: [{ provider: 'openAi', model: { __rl: true, value: '={{ $json.model }}' } }] } },
		'providerOrder.step',
	],
	['one of the options', { options: { deadlineSeconds: 3, reviewPageUrl: '={{ $json.url }}' } }, 'options'],
	['a parameter that n8n fills in itself', {}, 'taskId'],
] as const)('reads an expression anew for each item: %s', (_, parameters, name) => {
	const { reader } = readerOf(parameters as INode['parameters']);
	expect([0, 1].map((item) => reader(name, item))).toEqual([`${name} for 0`, `${name} for 1`]);
});
