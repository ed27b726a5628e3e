import { expect, it } from 'vitest';

import { createSlots } from '../../nodes/ResilientLlm/actions/generate/slots';

it('gives so many slots at once, and each that comes free to whoever waits longest', async () => {
	const slots = createSlots(2);
	const taken: string[] = [];
	const take = async (name: string) => {
		const free = await slots.take();
		taken.push(name);
		return free;
	};
	const freeA = await take('a');
	const freeB = await take('b');
	const [c, d] = [take('c'), take('d')];
	await Promise.resolve();
	expect(taken).toEqual(['a', 'b']);
	freeA();
	freeA();
	const freeC = await c;
	await Promise.resolve();
	expect(taken).toEqual(['a', 'b', 'c']);
	freeB();
	const freeD = await d;
	freeC();
	freeD();
	await take('e');
	await take('f');
	expect(taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});
