import { expect, it } from 'vitest';

import { runChain } from '../../../nodes/ResilientLlm/engine/chain';
import type { Completion } from '../../../nodes/ResilientLlm/engine/completion';
import { totalCostUsd } from '../../../nodes/ResilientLlm/engine/trail';
import { loadPrices } from '../../../nodes/ResilientLlm/tasks/prices';
import type { ProviderId } from '../../../nodes/ResilientLlm/providers/vendors';
import { fromMessagesReply } from '../../../nodes/ResilientLlm/providers/anthropic/reply';
import { fromGeminiReply } from '../../../nodes/ResilientLlm/providers/gemini/reply';
import { fromChatReply } from '../../../nodes/ResilientLlm/providers/openai/reply';
import { answer, fail, portsOf, scriptedStep, taskOf, type Act } from '../../engine/scripted-step';
import { createVirtualClock } from '../../engine/virtual-clock';
import { conversationOf } from '../../../nodes/ResilientLlm/engine/conversation';

const prices = await loadPrices();
const clock = createVirtualClock();

/** The attempts of one step whose only call comes back like this. */
async function attemptsOf(provider: ProviderId, model: string, act: Act | undefined) {
	const step = scriptedStep(clock, [act ?? fail('bad_response')], {
		maxAttempts: 1,
		settings: { model, maxOutputTokens: 100 },
		price: (usage, served) => prices.costUsd({ provider, baseUrl: 'https://proxy.example' }, served, usage),
	});
	const content = conversationOf({ prompt: 'Say hello', systemMessage: '', attachments: [], output: { kind: 'json' } });
	return (await clock.drive(runChain(taskOf(clock, [step], { content }), portsOf(clock)))).attempts;
}

const anthropicUsage = { usage: { input_tokens: 1000, output_tokens: 100 } };
const message = (more: object) =>
	fromMessagesReply(
		{ content: [{ type: 'text', text: 'not JSON' }], model: 'claude-opus-5-5', ...anthropicUsage, ...more },
		'asked',
	);
const chat = (more: object) =>
	fromChatReply(
		{ model: 'gpt-6-luna', usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }, ...more },
		'asked',
	);
const gemini = (more: object) =>
	fromGeminiReply(
		{ modelVersion: 'gemini-3.5-flash-lite', usageMetadata: { promptTokenCount: 1000 }, ...more },
		'asked',
	);

it.each<[string, ProviderId, Completion | undefined, string, number]>([
	['cut off', 'anthropic', message({ stop_reason: 'max_tokens' }), 'truncated', 0.006],
	['refused', 'anthropic', message({ stop_reason: 'refusal' }), 'content_blocked', 0.006],
	['not the JSON that was asked for', 'anthropic', message({ stop_reason: 'end_turn' }), 'invalid_output', 0.006],
	['without text', 'anthropic', message({ content: [], stop_reason: 'end_turn' }), 'empty_output', 0.006],
	[
		'filtered',
		'openAi',
		chat({ choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] }),
		'content_blocked',
		0.00015,
	],
	['without any choice', 'openAi', chat({ choices: [] }), 'bad_response', 0.00015],
	['to a blocked prompt', 'gemini', gemini({ promptFeedback: { blockReason: 'SAFETY' } }), 'content_blocked', 0.0003],
	['without any candidate', 'gemini', gemini({}), 'bad_response', 0.0003],
])('an answer %s (%s) costs what it used', async (_, provider, completion, reason, costUsd) => {
	expect(await attemptsOf(provider, 'asked', completion)).toMatchObject([{ outcome: 'failed', reason, costUsd }]);
});

it('a failed attempt is priced by the model that served it', async () => {
	const served = answer('not JSON', { model: 'gpt-6-sol' });
	expect(await attemptsOf('openAi', 'gpt-6-luna', served)).toMatchObject([
		{ reason: 'invalid_output', costUsd: 0.00007 },
	]);
});

it('an attempt of unknown price makes the sum unknown', async () => {
	const [known] = await attemptsOf('openAi', 'm', answer('not JSON', { model: 'gpt-6-sol' }));
	const [unknown] = await attemptsOf('openAi', 'm', answer('not JSON', { model: 'gpt-6-unheard-of' }));
	expect(totalCostUsd([known!])).toBe(0.00007);
	expect(totalCostUsd([known!, unknown!])).toBeNull();
});
