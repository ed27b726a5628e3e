import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkAnswer, expectedOf, type SchemaProblems } from '../../nodes/ResilientLlm/engine/answer-check';
import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import { failureReasons, type Failure } from '../../nodes/ResilientLlm/engine/failure';
import type { ModelEntry } from '../../nodes/ResilientLlm/engine/provider';
import { compileSchema } from '../../nodes/ResilientLlm/schemas/json-schema';
import { fuzzCase, isListing, pathOfCase, vendorOfCase } from './fuzz-plan';
import { chaosSchema } from './invariants';
import { startFaultProcess, type FaultProcess } from './served-elsewhere';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

const caseCount = 20_000;
const concurrency = 40;
const parameters = { seed: 20_261_120 };

/** What a call may take before its signal ends it; most take a millisecond. */
const patienceMs = 1000;
/** A call that its signal has not ended after this long hangs. */
const hangMs = 10_000;
const dayMs = 24 * 60 * 60 * 1000;

const prompt = 'Is it well? Answer in JSON.';
const content = conversationOf({
	prompt,
	systemMessage: 'Be brief.',
	attachments: [],
	output: { kind: 'jsonSchema', schema: chaosSchema },
});

interface Result {
	readonly index: number;
	readonly result: Completion | Failure | readonly ModelEntry[] | 'hangs';
	readonly wasEnded: boolean;
	readonly thrown?: unknown;
}

const accidents: unknown[] = [];
const noteAccident = (accident: unknown) => void accidents.push(accident);

let server: FaultProcess;
let schemaProblems: SchemaProblems;
let results: readonly Result[];
let tookMs: number;
let workedMs: number;

beforeAll(async () => {
	const compiled = await compileSchema(chaosSchema);
	if (compiled.kind === 'invalid') throw new Error(compiled.why);
	schemaProblems = compiled.problems;
	server = await startFaultProcess('./fuzz-plan', parameters);
	for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const) process.on(event, noteAccident);
	const start = performance.now();
	const cpuBefore = process.threadCpuUsage();
	results = await callAll();
	// A rejection that nobody handles is reported a little later.
	await new Promise((resolve) => setTimeout(resolve, 100));
	tookMs = performance.now() - start;
	const { user, system } = process.threadCpuUsage(cpuBefore);
	workedMs = (user + system) / 1000;
}, 180_000);
afterAll(async () => {
	for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const) process.off(event, noteAccident);
	await server.close();
});

async function callAll(): Promise<readonly Result[]> {
	const done: Result[] = [];
	let next = 0;
	await Promise.all(
		Array.from({ length: concurrency }, async () => {
			while (next < caseCount) done.push(await callOnce(next++));
		}),
	);
	return done;
}

async function callOnce(index: number, limitMs = patienceMs): Promise<Result> {
	const vendor = vendorOfCase(index);
	const provider = vendor.create({
		apiKey: 'key',
		baseUrl: `${server.url}${pathOfCase(index)}${vendor.basePath}`,
		network: {},
	});
	const request = {
		content,
		settings: { model: vendor.model, maxOutputTokens: 100, temperature: 0.5, contextWindow: 8192 },
		dropped: [],
	};
	const patience = new AbortController();
	const end = setTimeout(() => patience.abort(), limitMs);
	let giveUp: NodeJS.Timeout | undefined;
	try {
		const hangs = new Promise<'hangs'>((resolve) => (giveUp = setTimeout(() => resolve('hangs'), limitMs + hangMs)));
		const call = isListing(index) ? provider.listModels(patience.signal) : provider.complete(request, patience.signal);
		const result = await Promise.race([call, hangs]);
		return { index, result, wasEnded: patience.signal.aborted };
	} catch (thrown) {
		return { index, result: 'hangs', wasEnded: false, thrown };
	} finally {
		clearTimeout(end);
		clearTimeout(giveUp);
	}
}

/** Runs a check on every result, and shows the case that fails it. */
type Received = Completion | Failure | readonly ModelEntry[];

async function forEachResult(check: (result: Received) => void | Promise<void>): Promise<void> {
	for (const { index, result } of results) {
		if (result === 'hangs') continue;
		try {
			await check(result);
		} catch (error) {
			throw new Error(`Case ${index}: ${shown(index)} gave ${JSON.stringify(result).slice(0, 500)}`, { cause: error });
		}
	}
}

function shown(index: number): string {
	const { behaviour } = fuzzCase(index, parameters);
	const { body, bytes, ...rest } = behaviour as { readonly body?: Buffer; readonly bytes?: Buffer };
	return `${vendorOfCase(index).name} ${JSON.stringify(rest).slice(0, 500)} ${String(body ?? bytes).slice(0, 1000)}`;
}

function oneLine(most: number): RegExp {
	return new RegExp(`^[^\\r\\n\\u2028\\u2029\\u0000]{1,${most}}$`);
}

const finishReasons = ['stop', 'tool_calls', 'length', 'context_window', 'content_filter', 'other'];

describe(`${caseCount} damaged replies`, () => {
	it('make no adapter throw, and leave nothing behind that would end the process', async ({ annotate }) => {
		await annotate(
			`${caseCount} calls in ${(tookMs / 1000).toFixed(1)} s, ${Math.round((1000 * caseCount) / tookMs)} per second; ${(workedMs / 1000).toFixed(1)} s of CPU time`,
		);
		expect(results).toHaveLength(caseCount);
		expect(
			results.filter(({ thrown }) => thrown !== undefined).map(({ index, thrown }) => [shown(index), thrown]),
		).toEqual([]);
		expect(accidents).toEqual([]);
	});

	it('make no adapter hang', async () => {
		expect(results.filter(({ result }) => result === 'hangs').map(({ index }) => shown(index))).toEqual([]);
		// A machine that stands still for a while lets calls run out of time; alone they get all they need.
		for (const { index } of results.filter(
			({ index, wasEnded }) => wasEnded && fuzzCase(index, parameters).isWellFramed,
		)) {
			expect(await callOnce(index, hangMs), shown(index)).toMatchObject({ wasEnded: false });
		}
	});

	it('become failures with a reason, in one short line', async () => {
		await forEachResult((result) => {
			if (!('kind' in result) || result.kind !== 'failure') return;
			expect(
				failureReasons.filter((reason) => !['circuit_open', 'deadline_exceeded', 'cancelled'].includes(reason)),
			).toContain(result.reason);
			expect(result.message).toMatch(oneLine(300));
			expect(result.message, 'nothing is wrong with the request').not.toMatch(
				/API key holds|Nothing was sent|defect of this package/,
			);
			if (result.httpStatus !== undefined) expect(Number.isInteger(result.httpStatus)).toBe(true);
			if (result.requestId !== undefined) expect(result.requestId).toMatch(oneLine(128));
			if (result.model !== undefined) expect(result.model).toMatch(oneLine(200));
			if (result.retryAfterMs !== undefined) {
				expect(result.retryAfterMs).toBeGreaterThanOrEqual(0);
				expect(result.retryAfterMs).toBeLessThanOrEqual(dayMs);
			}
			if (result.retryAdvice !== undefined) expect(['retry', 'no_retry']).toContain(result.retryAdvice);
			if (result.parameter !== undefined)
				expect(['temperature', 'reasoningEffort', 'maxOutputTokens', 'outputFormat']).toContain(result.parameter);
			expectCounts(result.usage);
		});
	});

	it('become completions and lists of the promised types', async () => {
		await forEachResult((result) => {
			if (!('kind' in result)) {
				for (const { id, name } of result) expect([typeof id, typeof name]).toEqual(['string', 'string']);
				expect(result.length).toBeLessThanOrEqual(1000);
				return;
			}
			if (result.kind !== 'completion') return;
			expect(typeof result.text).toBe('string');
			expect(finishReasons).toContain(result.finishReason);
			for (const { id, name, argumentsText } of result.toolCalls ?? []) {
				expect([typeof id, typeof name, typeof argumentsText]).toEqual(['string', 'string', 'string']);
				expect(id).not.toBe('');
			}
			expect(result.model).toMatch(oneLine(200));
			if (result.finishDetail !== undefined) expect(result.finishDetail).toMatch(oneLine(200));
			if (result.requestId !== undefined) expect(result.requestId).toMatch(oneLine(128));
			for (const warning of result.warnings ?? []) expect(warning).toMatch(oneLine(300));
			expectCounts(result.usage);
		});
	});

	it('pass through the check of the answer without an exception', async () => {
		await forEachResult(async (result) => {
			if (!('kind' in result) || result.kind !== 'completion') return;
			for (const output of [{ kind: 'text' }, { kind: 'json' }, content.output] as const) {
				const verdict = await checkAnswer(result, expectedOf(output, schemaProblems));
				if (verdict.kind === 'failure') expect(verdict.message).toMatch(oneLine(300));
				else if (output.kind === 'jsonSchema') expect(verdict.output).toEqual({ ok: true });
			}
		});
	});

	it('are of every sort, and change no prototype', () => {
		const reasons = new Set(
			results.map(({ result }) =>
				result === 'hangs'
					? result
					: !('kind' in result)
						? 'list'
						: result.kind === 'failure'
							? result.reason
							: result.finishReason,
			),
		);
		for (const reason of [
			'list',
			'stop',
			'length',
			'content_filter',
			'other',
			'bad_response',
			'network',
			'timeout',
			'rate_limited',
			'server_error',
			'invalid_request',
			'context_too_long',
			'unsupported_parameter',
		] as const) {
			expect(reasons).toContain(reason);
		}
		expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
	});
});

function expectCounts(usage: Completion['usage']): void {
	if (usage === undefined) return;
	const {
		specialRate = 'priority',
		billedUsd = 0,
		cacheWriteTokens = 0,
		hourLongCacheWriteTokens = 0,
		...always
	} = usage;
	expect(Object.keys(always).sort()).toEqual(['cachedInputTokens', 'inputTokens', 'outputTokens', 'reasoningTokens']);
	for (const count of [...Object.values(always), cacheWriteTokens, hourLongCacheWriteTokens]) {
		expect(Number.isInteger(count) && count >= 0, JSON.stringify(usage)).toBe(true);
	}
	expect(hourLongCacheWriteTokens).toBeLessThanOrEqual(cacheWriteTokens);
	expect(specialRate).toMatch(/^[\w.-]{1,60}$/);
	expect(Number.isFinite(billedUsd) && billedUsd >= 0, JSON.stringify(usage)).toBe(true);
}
