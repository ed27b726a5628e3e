import { expect, it } from 'vitest';

import { generate, useVendors } from './fixture';
import { step } from './resilient-workflow';

const suite = useVendors();
const parameters = { providerOrder: { step: [step('anthropic', 'claude-haiku-5-5')] } };
const settings = { alwaysOutputData: true };
const warning = expect.stringMatching(/^"Always Output Data" is switched on .* puts an empty item on Success/);

async function run(given: { readonly isDown: boolean; readonly settings: object }) {
	if (given.isDown) suite.vendors.decide = () => ({ status: 400 });
	const { success, escalate, hints } = await generate(suite.vendors, { parameters, settings: given.settings });
	const messages = hints('Resilient LLM').map(({ message }) => message);
	return { success: success.map(({ json }) => json), escalated: escalate.length, messages };
}

// What n8n-core does here is not ours to change; when a new one does otherwise, this hint can go.
it('puts an empty item on Success when every item escalates, and a hint says so', async () => {
	const { success, escalated, messages } = await run({ isDown: true, settings });
	expect(escalated).toBe(1);
	expect(success).toEqual([{}]);
	expect(messages).toContainEqual(warning);
});

it('is warned of while all is well, before the day on which it matters', async () => {
	const { success, messages } = await run({ isDown: false, settings });
	expect(success).toMatchObject([{ tier: 1 }]);
	expect(messages).toEqual([warning]);
});

it('switched off, Success stays empty and no hint speaks of it', async () => {
	const { success, escalated, messages } = await run({ isDown: true, settings: {} });
	expect(escalated).toBe(1);
	expect(success).toEqual([]);
	expect(messages).not.toContainEqual(warning);
});
