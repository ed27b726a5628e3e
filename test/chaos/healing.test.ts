import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRateLimitGates } from '../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import { createCircuitBreakers } from '../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import type { DroppableParameter, ModelSettings } from '../../nodes/ResilientLlm/engine/request';
import type { Step } from '../../nodes/ResilientLlm/engine/task';
import { systemClock } from '../../nodes/ResilientLlm/host/clock';
import { compileSchema } from '../../nodes/ResilientLlm/schemas/json-schema';
import { reply, startFaultServer, type Behaviour, type FaultServer } from '../providers/fault-server';
import { vendors, type ReadRequest, type Vendor } from '../providers/vendors';
import { bodyTextOf, recordedReplies, type RecordedReply } from './recorded-replies';
import { conversationOf, type OutputFormat } from '../../nodes/ResilientLlm/engine/conversation';

const schema = {
	type: 'object',
	properties: { mood: { enum: ['good', 'bad'] } },
	required: ['mood'],
	additionalProperties: false,
};
const good = '{"mood": "good"}';
const prompt = 'How is it?';

interface Visited {
	readonly outcome: Outcome;
	/** What each vendor was asked, in order. */
	readonly asked: ReadonlyArray<{ readonly vendor: Vendor['name']; readonly read: ReadRequest }>;
}

let server: FaultServer;
beforeAll(async () => {
	server = await startFaultServer();
});
afterAll(async () => await server.close());

interface Visit {
	readonly vendor: Vendor;
	/** What its calls get, in order. */
	readonly replies: readonly Behaviour[];
	readonly settings?: Partial<ModelSettings>;
}

/** Runs one task over these steps, each behind an address of its own. */
async function visit(
	visits: readonly Visit[],
	{
		output = { kind: 'jsonSchema', schema },
		text = prompt,
	}: { readonly output?: OutputFormat; readonly text?: string } = {},
): Promise<Visited> {
	const left = visits.map(({ replies }) => [...replies]);
	const asked: { readonly vendor: Vendor['name']; readonly read: ReadRequest }[] = [];
	server.answer(({ path, body }) => {
		const place = Number(/^\/step-(\d+)\//.exec(path)?.[1]);
		const { vendor } = visits[place]!;
		asked.push({ vendor: vendor.name, read: vendor.read(JSON.parse(body)) });
		return left[place]!.shift() ?? reply(500, 'one call too many');
	});
	const compiled = await compileSchema(schema);
	const outcome = await runChain(
		{
			content: conversationOf({ prompt: text, systemMessage: 'Be brief.', attachments: [], output }),
			steps: visits.map(({ vendor, settings }, place) => stepTo(vendor, place, settings)),
			execution: 'execution',
			confidence: 'any',
			deadline: systemClock.now() + 30_000,
			retryPolicy: { baseDelayMs: 0, maxDelayMs: 0 },
			rules: { onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
			cancel: new AbortController().signal,
			...(compiled.kind === 'compiled' && { schemaProblems: compiled.problems }),
		},
		{
			clock: systemClock,
			random: () => 0,
			breakers: createCircuitBreakers(systemClock),
			gates: createRateLimitGates(systemClock),
			observe: () => undefined,
		},
	);
	return { outcome, asked };
}

function stepTo(vendor: Vendor, place: number, settings: Partial<ModelSettings> = {}): Step {
	const provider = vendor.create({ apiKey: '', baseUrl: `${server.url}/step-${place}${vendor.basePath}`, network: {} });
	return {
		provider: vendor.name,
		label: vendor.name,
		target: String(place),
		settings: { model: vendor.model, maxOutputTokens: 100, ...settings },
		maxAttempts: 3,
		attemptTimeoutMs: 5000,
		complete: (request, signal) => provider.complete(request, signal),
		price: () => 0,
	};
}

function says(vendor: Vendor, text: string, finish: 'stop' | 'length' = 'stop'): Behaviour {
	return reply(200, vendor.answer({ text, finish }));
}

function replay(recorded: RecordedReply): Behaviour {
	return reply(recorded.status, bodyTextOf(recorded), { ...recorded.headers });
}

function recordedAs(vendor: Vendor, reason: string): readonly RecordedReply[] {
	return recordedReplies(vendor).filter(({ expect: { reason: read } }) => read === reason);
}

describe.each(vendors)('$name', (vendor) => {
	const refusals = recordedAs(vendor, 'unsupported_parameter').filter(
		({ expect: { parameter } }) => parameter !== undefined,
	);

	it.each(
		refusals.map((recorded) => [recorded.expect.parameter as DroppableParameter, recorded.name, recorded] as const),
	)('does without %s once the server refuses it: %s', async (parameter, _name, recorded) => {
		const settings = { temperature: 0.5, reasoningEffort: 'low' } as const;
		const { outcome, asked } = await visit([{ vendor, replies: [replay(recorded), says(vendor, good)], settings }]);

		expect(outcome).toMatchObject({
			kind: 'answered',
			step: 1,
			output: { mood: 'good' },
			attempts: [{ reason: 'unsupported_parameter' }, { outcome: 'answered' }],
		});
		expect(outcome.warnings.join()).toContain(`${vendor.name} ${vendor.model} does not take`);
		expect(asked).toHaveLength(2);
		const { read } = asked[1]!;
		switch (parameter) {
			case 'temperature':
				expect(read.temperature).toBeUndefined();
				break;
			case 'reasoningEffort':
				expect(read.effort).toBeUndefined();
				break;
			case 'outputFormat':
				expect(read.schema).toBeUndefined();
				expect(read.system + read.turns.map(({ text }) => text).join()).toContain('"mood"');
				break;
			case 'maxOutputTokens':
				expect(read.maxOutputTokens).not.toBe(asked[0]!.read.maxOutputTokens);
		}
	});

	it('asks for four times the room when an answer is cut off', async () => {
		const { outcome, asked } = await visit([
			{ vendor, replies: [says(vendor, '{"mood": "go', 'length'), says(vendor, good)] },
		]);

		expect(outcome).toMatchObject({
			kind: 'answered',
			truncated: false,
			output: { mood: 'good' },
			attempts: [{ reason: 'truncated' }, { outcome: 'answered' }],
		});
		expect(asked.map(({ read }) => read.maxOutputTokens)).toEqual([100, 400]);
	});

	it('shows the model its answer and what is wrong with it, once', async () => {
		const { outcome, asked } = await visit([
			{ vendor, replies: [says(vendor, '{"mood": "green"}'), says(vendor, good)] },
		]);

		expect(outcome).toMatchObject({
			kind: 'answered',
			output: { mood: 'good' },
			attempts: [{ reason: 'invalid_output' }, { outcome: 'answered' }],
		});
		expect(asked[1]!.read.turns.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
		expect(asked[1]!.read.turns[1]!.text).toBe('{"mood": "green"}');
		expect(asked[1]!.read.turns[2]!.text).toContain('/mood');

		const stubborn = await visit([
			{ vendor, replies: [says(vendor, '{"mood": "green"}'), says(vendor, '{"mood": "red"}')] },
		]);
		expect(stubborn.outcome).toMatchObject({
			kind: 'escalated',
			reasonCode: 'invalid_output',
			draft: { text: '{"mood": "red"}' },
		});
		expect(stubborn.asked).toHaveLength(2);
	});

	it('leaves a prompt that is too long to a larger or an unknown window only', async () => {
		const other = vendors.find(({ name }) => name !== vendor.name)!;
		for (const [index, recorded] of recordedAs(vendor, 'context_too_long').entries()) {
			const { outcome, asked } = await visit(
				[
					{ vendor, replies: [replay(recorded)], settings: { contextWindow: 8192 } },
					{ vendor: other, replies: [says(other, good)], settings: { contextWindow: 8192 } },
					{ vendor: other, replies: [says(other, good)], settings: index % 2 === 0 ? { contextWindow: 200_000 } : {} },
				],
				{ text: 'A long story. '.repeat(1000) },
			);
			expect(outcome, recorded.name).toMatchObject({
				kind: 'answered',
				step: 3,
				attempts: [
					{ outcome: 'failed', reason: 'context_too_long' },
					{ step: 2, outcome: 'skipped', reason: 'context_too_long' },
					{ step: 3, outcome: 'answered' },
				],
			});
			expect(asked.map((one) => one.vendor)).toEqual([vendor.name, other.name]);
		}
	});
});

it('an answer to half a prompt, which Ollama gives with 200, is left to the next step', async () => {
	const [ollama, next] = [
		vendors.find(({ name }) => name === 'ollama')!,
		vendors.find(({ name }) => name === 'gemini')!,
	];
	const usage = { inputTokens: 4096, outputTokens: 20, cachedInputTokens: 0, reasoningTokens: 0 };
	const { outcome } = await visit(
		[
			{ vendor: ollama, replies: [reply(200, ollama.answer({ text: good, usage }))] },
			{ vendor: next, replies: [says(next, good)] },
		],
		{ text: 'How is it? '.repeat(5000) },
	);
	expect(outcome).toMatchObject({
		kind: 'answered',
		step: 2,
		attempts: [{ outcome: 'failed', reason: 'context_too_long' }, { outcome: 'answered' }],
	});
});
