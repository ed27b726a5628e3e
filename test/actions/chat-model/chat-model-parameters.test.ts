import { expect, it } from 'vitest';

import { readChatModelParameters } from '../../../nodes/ResilientLlm/actions/chat-model/chat-model-parameters';
import { chatModelProperties } from '../../../nodes/ResilientLlm/description/chat-model/properties';

const defaults = new Map(chatModelProperties.map(({ name, default: value }) => [name, value as unknown]));

/** As n8n gives them: what the user set, else what the description says. */
function read(set: Readonly<Record<string, unknown>> = {}) {
	return readChatModelParameters((name) => {
		const [top = '', inner] = name.split('.');
		const value = set[top] ?? defaults.get(top) ?? null;
		return inner === undefined ? value : ((value as Readonly<Record<string, unknown>> | null)?.[inner] ?? null);
	});
}

it('the defaults of the form are whole, checked answers, and an error when all fail', () => {
	expect(read()).toMatchObject({
		steps: [{ provider: 'anthropic' }, { provider: 'openAi' }, { provider: 'gemini' }],
		whenAllFail: 'error',
		answerDelivery: 'whole',
		output: { kind: 'text' },
		deadlineMs: 300_000,
		retryPolicy: { baseDelayMs: 1000, maxDelayMs: 30_000 },
		task: { memory: { kind: 'store', store: 'embedded', once: false }, reviewDueMs: null },
	});
});

it('options are read', () => {
	const options = {
		responseFormat: 'json',
		deadlineSeconds: 20,
		reviewDueHours: 2,
		reviewPageUrl: 'https://n8n.test/r',
	};
	expect(read({ whenAllFail: 'review', answerDelivery: 'live', options })).toMatchObject({
		whenAllFail: 'review',
		answerDelivery: 'live',
		output: { kind: 'json' },
		deadlineMs: 20_000,
		task: { reviewDueMs: 7_200_000, reviewPageUrl: 'https://n8n.test/r' },
	});
});

it('a review without a place to keep it is refused before any call', () => {
	expect(() => read({ whenAllFail: 'review', taskStore: 'none' })).toThrow(/needs a task store/);
	expect(read({ whenAllFail: 'error', taskStore: 'none' }).task.memory).toEqual({ kind: 'none' });
});
