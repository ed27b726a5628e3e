import { describe, expect, it, vi } from 'vitest';
import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import type { ChainEvent, Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import type { Task } from '../../nodes/ResilientLlm/engine/task';
import { answer, fail, hang, portsOf, scriptedStep, taskOf, type Act, type ScriptedStep } from './scripted-step';
import { createVirtualClock } from './virtual-clock';
import { conversationOf, textsIn } from '../../nodes/ResilientLlm/engine/conversation';

function world() {
	const clock = createVirtualClock();
	const events: ChainEvent[] = [];
	const ports = portsOf(clock, { observe: (event) => events.push(event) });
	return {
		clock,
		ports,
		events,
		step: (acts: readonly Act[], more = {}) => scriptedStep(clock, acts, more),
		run: (steps: readonly ScriptedStep[], more: Partial<Task> = {}): Promise<Outcome> =>
			clock.drive(runChain(taskOf(clock, steps, more), ports)),
	};
}

const trailOf = (outcome: Outcome) =>
	outcome.attempts.map((attempt) =>
		attempt.outcome === 'answered' ? 'answered' : `${attempt.outcome} ${attempt.reason}`,
	);

describe('tier 1, retry', () => {
	it('answers at the first call when nothing fails', async () => {
		const { run, step } = world();
		const outcome = await run([step([answer('hello')]), step([answer('never')])]);
		expect(outcome).toMatchObject({ kind: 'answered', output: 'hello', step: 1 });
		expect(outcome.attempts).toHaveLength(1);
	});

	it('calls the same step again after a failure that may pass', async () => {
		const { run, step } = world();
		const first = step([fail('overloaded', { httpStatus: 529 }), answer('hello')]);
		const outcome = await run([first]);
		expect(outcome).toMatchObject({ kind: 'answered', step: 1 });
		expect(outcome.attempts.map(({ attempt, stepAttempt, waitMs }) => [attempt, stepAttempt, waitMs])).toEqual([
			[1, 1, 0],
			[2, 2, 1250],
		]);
	});

	it('waits at least as long as the server asked', async () => {
		const { run, step } = world();
		const first = step([fail('rate_limited', { retryAfterMs: 20_000 }), answer()]);
		await run([first]);
		expect(first.calls[1]!.at - first.calls[0]!.at).toBe(20_000);
	});

	it('reads the pause from the current failure, not an earlier one', async () => {
		const { run, step } = world();
		const first = step([fail('rate_limited', { retryAfterMs: 20_000 }), fail('overloaded'), answer()]);
		await run([first]);
		expect(first.calls[2]!.at - first.calls[1]!.at).toBeLessThan(3000);
	});

	it('obeys a server that says not to retry', async () => {
		const { run, step } = world();
		const first = step([fail('server_error', { retryAdvice: 'no_retry' })]);
		await run([first, step([answer()])]);
		expect(first.calls).toHaveLength(1);
	});

	it('obeys a server that says to retry what the table would not', async () => {
		const { run, step } = world();
		const outcome = await run([step([fail('invalid_request', { retryAdvice: 'retry' }), answer()])]);
		expect(outcome.kind).toBe('answered');
	});

	it('never calls a step more often than maxAttempts', async () => {
		const { run, step } = world();
		const first = step([fail('server_error')], { maxAttempts: 2 });
		await run([first]);
		expect(first.calls).toHaveLength(2);
	});
});

describe('tier 2, failover', () => {
	it('moves on when the retries of a step are used up, and says so', async () => {
		const { run, step, events } = world();
		const outcome = await run([step([fail('overloaded')]), step([answer('from the second')])]);
		expect(outcome).toMatchObject({ kind: 'answered', output: 'from the second', step: 2 });
		expect(events).toContainEqual({ event: 'step-failover', fromStep: 1, toStep: 2, reason: 'overloaded' });
	});

	it('moves on at once when another call cannot help', async () => {
		const { run, step, clock } = world();
		const start = clock.now();
		const first = step([fail('quota_exhausted')]);
		const outcome = await run([first, step([answer()])]);
		expect(first.calls).toHaveLength(1);
		expect(clock.now()).toBe(start);
		expect(outcome.kind).toBe('answered');
	});

	it('moves on instead of waiting longer than the policy allows while there is a next step', async () => {
		const { run, step, clock } = world();
		const start = clock.now();
		await run([step([fail('rate_limited', { retryAfterMs: 107_000 })]), step([answer()])]);
		expect(clock.now()).toBe(start);
	});

	it('asks again after an hour when the server asked for years', async () => {
		const { run, step, clock } = world();
		const only = step([fail('rate_limited', { retryAfterMs: 1e12 }), answer()]);
		expect((await run([only], { deadline: clock.now() + 4 * 3_600_000 })).kind).toBe('answered');
		expect(only.calls[1]!.at - only.calls[0]!.at).toBe(3_600_000);
	});

	it('counts the wait for the rate limit to the pause before a retry', async () => {
		const { run, step, ports, clock } = world();
		const only = step([fail('rate_limited', { retryAfterMs: 1000 }), answer()]);
		const other = runChain(
			taskOf(clock, [
				{
					...step([fail('rate_limited', { retryAfterMs: 10_000, takesMs: 100 })]),
					target: only.target,
					maxAttempts: 1,
				},
			]),
			ports,
		);
		expect((await run([only])).attempts[1]).toMatchObject({ outcome: 'answered', waitMs: 10_100 });
		await other;
	});

	it('lets a task that was refused go before those of its execution that were not called yet', async () => {
		const { step, ports, clock } = world();
		const order: number[] = [];
		const scripted = step([fail('rate_limited', { retryAfterMs: 3000 }), answer('fine', { takesMs: 10_000 })]);
		const tasks = Array.from({ length: 12 }, (_, index) => {
			const complete: typeof scripted.complete = async (request, signal) => {
				order.push(index);
				return await scripted.complete(request, signal);
			};
			return runChain(taskOf(clock, [{ ...scripted, complete }]), ports);
		});
		await clock.drive(Promise.all(tasks));
		// Five are called at first. The first call after the pause is a try, which one makes that was not refused.
		expect(order.slice(0, 7)).toEqual([0, 1, 2, 3, 4, 5, 0]);
	});

	it('waits out a long Retry-After on the last step when the deadline allows it', async () => {
		const { run, step } = world();
		const last = step([fail('rate_limited', { retryAfterMs: 107_000 }), answer()]);
		expect((await run([last])).kind).toBe('answered');
		expect(last.calls[1]!.at - last.calls[0]!.at).toBe(107_000);
	});

	const prompt = 'A long story. '.repeat(10_000);
	const long = conversationOf({ prompt, systemMessage: '', attachments: [], output: { kind: 'text' } });

	it('asks a smaller model all the same when a server calls a short prompt too long', async () => {
		const { run, step } = world();
		const settings = { model: 'm', maxOutputTokens: 10, contextWindow: 8_000 };
		const odd = step([fail('context_too_long')], { settings: { ...settings, contextWindow: 200_000 } });
		expect(await run([odd, step([answer()], { settings })])).toMatchObject({ kind: 'answered', step: 2 });
		// Nobody knows what a file comes to.
		const file = { kind: 'image', mimeType: 'image/png', base64: '', fileName: 'a.png' } as const;
		const content = conversationOf({ prompt: 'p', systemMessage: '', attachments: [file], output: { kind: 'text' } });
		expect(await run([odd, step([answer()], { settings })], { content })).toMatchObject({ kind: 'escalated' });
	});

	it('sends a prompt that did not fit only to steps with a larger or unknown context window', async () => {
		const { run, step } = world();
		const windowed = (contextWindow: number, act: Act) =>
			step([act], { settings: { model: 'm', maxOutputTokens: 10, contextWindow } });
		const smaller = windowed(4_000, answer());
		const larger = windowed(200_000, fail('context_too_long'));
		const unknown = step([answer('it fits')]);
		const outcome = await run([windowed(8_000, fail('context_too_long')), smaller, larger, unknown], { content: long });
		expect(smaller.calls).toHaveLength(0);
		expect(outcome).toMatchObject({ kind: 'answered', step: 4 });
		expect(trailOf(outcome)).toEqual([
			'failed context_too_long',
			'skipped context_too_long',
			'failed context_too_long',
			'answered',
		]);
	});

	it('remembers the largest window that was too small, also after a step whose window is unknown', async () => {
		const { run, step } = world();
		const windowed = (contextWindow: number, act: Act) =>
			step([act], { settings: { model: 'm', maxOutputTokens: 10, contextWindow } });
		const unknown = step([fail('context_too_long')]);
		const smaller = windowed(100_000, answer());
		const outcome = await run([windowed(200_000, fail('context_too_long')), unknown, smaller], { content: long });
		expect(unknown.calls).toHaveLength(1);
		expect(smaller.calls).toHaveLength(0);
		expect(outcome).toMatchObject({ kind: 'escalated', reasonCode: 'context_too_long' });
	});

	it('lets a hanging step go at its timeout', async () => {
		const { run, step, clock } = world();
		const start = clock.now();
		const first = step([hang], { maxAttempts: 1, attemptTimeoutMs: 5000 });
		const outcome = await run([first, step([answer()])]);
		expect(trailOf(outcome)).toEqual(['failed timeout', 'answered']);
		expect(clock.now() - start).toBe(5000);
		expect(first.calls[0]!.aborted).toBe(true);
	});

	it('is not held up by an adapter that ignores its signal or throws', async () => {
		const { run, step } = world();
		const deaf = { ...step([]), maxAttempts: 1, complete: () => new Promise<never>(() => {}) };
		const throwing = { ...step([]), maxAttempts: 1, complete: () => Promise.reject(new Error('secret')) };
		const broken = {
			...throwing,
			complete: () => {
				throw new Error('secret');
			},
		};
		const outcome = await run([deaf, throwing, broken, step([answer()])]);
		expect(trailOf(outcome)).toEqual(['failed timeout', 'failed bad_response', 'failed bad_response', 'answered']);
		expect(JSON.stringify(outcome)).not.toContain('secret');
	});
});

describe('tier 3, a human', () => {
	it('escalates when every model failed, naming who failed how', async () => {
		const { run, step } = world();
		const outcome = await run([
			step([fail('overloaded', { httpStatus: 529 })], { label: 'Anthropic' }),
			step([fail('rate_limited', { httpStatus: 429 }), fail('rate_limited', { httpStatus: 429 }), fail('network')], {
				label: 'OpenAI',
			}),
		]);
		expect(outcome).toMatchObject({
			kind: 'escalated',
			reasonCode: 'all_models_failed',
			reason:
				'All models failed: Anthropic overloaded (529) three times, OpenAI rate limited (429) twice, OpenAI unreachable',
		});
	});

	it.each([
		['context_too_long', 'context_too_long'],
		['content_blocked', 'content_blocked'],
		['invalid_request', 'invalid_request'],
	] as const)('names the task, not the models, when all of them end in %s', async (reason, code) => {
		const { run, step } = world();
		expect(await run([step([fail(reason)]), step([fail(reason)])])).toMatchObject({
			kind: 'escalated',
			reasonCode: code,
		});
	});

	it('escalates a refusal at once when the user wants that', async () => {
		const { run, step } = world();
		const second = step([answer()]);
		const rules = { onTruncated: 'failover', onBlocked: 'escalate', onInvalidRequest: 'failover' } as const;
		expect(await run([step([answer('', { finishReason: 'content_filter' })]), second], { rules })).toMatchObject({
			kind: 'escalated',
			reasonCode: 'content_blocked',
		});
		expect(second.calls).toHaveLength(0);
	});

	it('escalates when the time is up, whoever is left', async () => {
		const { run, step, clock } = world();
		const start = clock.now();
		const outcome = await run([step([hang]), step([hang]), step([hang])], { deadline: start + 30_000 });
		expect(outcome).toMatchObject({ kind: 'escalated', reasonCode: 'deadline_exceeded' });
		expect(clock.now() - start).toBe(30_000);
	});

	it('lets only the first step answer a high-confidence task', async () => {
		const { run, step } = world();
		const second = step([answer()]);
		expect(await run([step([fail('quota_exhausted')]), second], { confidence: 'high' })).toMatchObject({
			kind: 'escalated',
			reasonCode: 'high_confidence_required',
		});
		expect(second.calls).toHaveLength(0);
	});

	it('hands every answer to a review task over as a draft', async () => {
		const { run, step } = world();
		expect(await run([step([answer('a draft')])], { confidence: 'review' })).toMatchObject({
			kind: 'escalated',
			reasonCode: 'human_review_required',
			draft: { text: 'a draft' },
		});
	});

	it('hands over the answer that would have left, not another draft', async () => {
		const { run, step } = world();
		const content = conversationOf({ prompt: 'p', systemMessage: '', attachments: [], output: { kind: 'json' } });
		const rules = { onTruncated: 'accept', onBlocked: 'failover', onInvalidRequest: 'failover' } as const;
		const cut = answer('{"a": 1}', { finishReason: 'length' });
		const acts = [answer('not JSON at all'), cut, cut];
		const outcome = await run([step(acts)], { content, rules, confidence: 'review' });
		expect(outcome).toMatchObject({ reasonCode: 'human_review_required', draft: { text: '{"a": 1}' } });
	});

	it('escalates a task without any step', async () => {
		expect(await world().run([])).toMatchObject({ kind: 'escalated', reasonCode: 'no_provider_available' });
	});
});

describe('a fallback is always reachable', () => {
	it('keeps one timeout for each later step when the deadline allows it', async () => {
		const { run, step, clock } = world();
		const deadline = clock.now() + 100_000;
		const last = step([hang], { attemptTimeoutMs: 20_000, maxAttempts: 1 });
		await run([step([hang], { attemptTimeoutMs: 40_000, maxAttempts: 9 }), last], { deadline });
		expect(deadline - last.calls[0]!.at).toBeGreaterThanOrEqual(20_000);
	});

	it('shares a deadline that is too small for all', async () => {
		const { run, step, clock } = world();
		const start = clock.now();
		const steps = [step([hang]), step([hang]), step([hang])];
		await run(steps, { deadline: start + 30_000 });
		expect(steps.map(({ calls }) => calls[0]!.at - start)).toEqual([0, 10_000, 20_000]);
	});
});

describe('answers are checked', () => {
	it.each([
		['an empty answer', answer('  \n'), 'empty_output'],
		['a refusal', answer('I cannot', { finishReason: 'content_filter' }), 'content_blocked'],
		['an unfinished answer', answer('half', { finishReason: 'other' }), 'bad_response'],
		['a cut answer', answer('half', { finishReason: 'length' }), 'truncated'],
	] as const)('%s never reaches Success', async (_, act, reason) => {
		const { run, step } = world();
		const outcome = await run([step([act])]);
		expect(outcome.kind).toBe('escalated');
		expect(trailOf(outcome).at(-1)).toBe(`failed ${reason}`);
	});

	it('gives a cut answer four times the room, once', async () => {
		const { run, step } = world();
		const first = step([answer('half', { finishReason: 'length' })]);
		const outcome = await run([first, step([answer('whole')])]);
		expect(first.calls.map(({ request }) => request.settings.maxOutputTokens)).toEqual([1000, 4000]);
		expect(outcome).toMatchObject({ kind: 'answered', output: 'whole' });
	});

	it('accepts a cut answer with a flag when the user chose so, after the retry', async () => {
		const { run, step } = world();
		const rules = { onTruncated: 'accept', onBlocked: 'failover', onInvalidRequest: 'failover' } as const;
		const outcome = await run([step([answer('half', { finishReason: 'length' })])], { rules });
		expect(outcome).toMatchObject({
			kind: 'answered',
			output: 'half',
			truncated: true,
			warnings: [expect.stringContaining('cut off')],
		});
		expect(outcome.attempts).toHaveLength(2);
	});

	it('does not accept cut JSON that cannot be read', async () => {
		const { run, step } = world();
		const rules = { onTruncated: 'accept', onBlocked: 'failover', onInvalidRequest: 'failover' } as const;
		const content = conversationOf({ prompt: 'p', systemMessage: '', attachments: [], output: { kind: 'json' } });
		expect((await run([step([answer('{"a": [1,', { finishReason: 'length' })])], { rules, content })).kind).toBe(
			'escalated',
		);
	});

	it('shows the model what was wrong with its JSON, once', async () => {
		const { run, step } = world();
		const content = conversationOf({ prompt: 'p', systemMessage: '', attachments: [], output: { kind: 'json' } });
		const first = step([answer('Sure! {a: 1}'), answer('```json\n{"a": 1}\n```')]);
		const outcome = await run([first], { content });
		const [question, ...repair] = first.calls[1]!.request.content.messages;
		expect(question).toEqual(content.messages[0]);
		expect(repair).toEqual([
			{ role: 'assistant', text: 'Sure! {a: 1}', toolCalls: [] },
			{ role: 'user', parts: [{ kind: 'text', text: expect.stringContaining('- The answer must be one JSON') }] },
		]);
		expect(outcome).toMatchObject({ kind: 'answered', output: { a: 1 } });
	});

	it('names every way in which the answer misses the schema', async () => {
		const { run, step } = world();
		const content = conversationOf({
			prompt: 'p',
			systemMessage: '',
			attachments: [],
			output: { kind: 'jsonSchema', schema: {} },
		});
		const first = step([answer('{}')]);
		const schemaProblems = async () => await Promise.resolve(['a is missing', 'b is missing']);
		const outcome = await run([first], { content, schemaProblems });
		expect(textsIn(first.calls[1]!.request.content).at(-1)).toContain('- a is missing\n- b is missing\n');
		expect(outcome).toMatchObject({ kind: 'escalated', reasonCode: 'invalid_output', draft: { text: '{}' } });
	});

	it('leaves out a parameter the model does not take, and warns', async () => {
		const { run, step } = world();
		const first = step([
			fail('unsupported_parameter', { parameter: 'temperature', retryAdvice: 'no_retry' }),
			answer(),
		]);
		const outcome = await run([first]);
		expect(first.calls[1]!.request.dropped).toEqual(['temperature']);
		expect(outcome).toMatchObject({ kind: 'answered', warnings: [expect.stringContaining('temperature')] });
	});
});

describe('cancellation', () => {
	it('aborts the call in flight and starts no other', async () => {
		const { step, clock, ports } = world();
		const controller = new AbortController();
		const steps = [step([hang]), step([answer()])];
		const work = runChain(taskOf(clock, steps, { cancel: controller.signal }), ports);
		await vi.waitFor(() => expect(steps[0]!.calls).toHaveLength(1));
		controller.abort();
		const outcome = await clock.drive(work);
		expect(outcome.kind).toBe('cancelled');
		expect(steps[0]!.calls[0]!.aborted).toBe(true);
		expect(steps[1]!.calls).toHaveLength(0);
	});

	it('ends a wait at once and calls nobody afterwards', async () => {
		const { step, clock, ports } = world();
		const controller = new AbortController();
		const first = step([fail('overloaded')]);
		const work = runChain(taskOf(clock, [first], { cancel: controller.signal }), {
			...ports,
			observe: () => controller.abort(),
		});
		const start = clock.now();
		expect((await clock.drive(work)).kind).toBe('cancelled');
		expect(clock.now()).toBe(start);
		expect(first.calls).toHaveLength(1);
	});

	it('calls nobody when it comes before the start', async () => {
		const { step, run } = world();
		const first = step([answer()]);
		expect((await run([first], { cancel: AbortSignal.abort() })).kind).toBe('cancelled');
		expect(first.calls).toHaveLength(0);
	});
});

describe('the circuit breaker in the chain', () => {
	it('spares the sixth and later tasks every call to a dead provider', async () => {
		const { run, step, events } = world();
		const dead = step([fail('overloaded')], { maxAttempts: 1 });
		const second = step([answer()]);
		for (let task = 1; task <= 5; task += 1) await run([dead, second]);
		expect(dead.calls).toHaveLength(5);
		for (let task = 6; task <= 20; task += 1) {
			const outcome = await run([dead, second]);
			expect(trailOf(outcome)).toEqual(['skipped circuit_open', 'answered']);
		}
		expect(dead.calls).toHaveLength(5);
		expect(events.filter(({ event }) => event === 'circuit-open')).toHaveLength(1);
	});

	it('lets one probe of twenty through while half-open; the others move on', async () => {
		const { run, step, clock, ports } = world();
		const recovering = step([fail('authentication'), answer('back', { takesMs: 2000 })]);
		const second = step([answer('from the second')]);
		await run([recovering, second]);
		await clock.drive(clock.wait(30_000, new AbortController().signal));
		const work = Promise.all(Array.from({ length: 20 }, () => runChain(taskOf(clock, [recovering, second]), ports)));
		const outcomes = await clock.drive(work);
		expect(recovering.calls).toHaveLength(2);
		expect(outcomes.filter((outcome) => outcome.kind === 'answered' && outcome.step === 1)).toHaveLength(1);
		expect(outcomes.filter((outcome) => outcome.kind === 'answered' && outcome.step === 2)).toHaveLength(19);
	});

	it('tries the step that reopens soonest when every circuit is open', async () => {
		const { run, step } = world();
		const slow = step([fail('quota_exhausted', { retryAfterMs: 600_000 }), answer('slow')]);
		const soon = step([fail('quota_exhausted'), answer('soon')]);
		await run([slow, soon]);
		const outcome = await run([slow, soon]);
		expect(outcome).toMatchObject({ kind: 'answered', output: 'soon', step: 2 });
		expect(trailOf(outcome)).toEqual(['skipped circuit_open', 'skipped circuit_open', 'answered']);
	});

	it('names each step once when every circuit was open and the soonest failed again', async () => {
		const { run, step } = world();
		const steps = [
			step([fail('quota_exhausted')], { label: 'Anthropic' }),
			step([fail('quota_exhausted', { retryAfterMs: 600_000 })], { label: 'OpenAI' }),
		];
		await run(steps);
		expect(await run(steps)).toMatchObject({
			reason: 'All models failed: OpenAI skipped after repeated failures, Anthropic out of quota',
		});
	});

	it('says how long the only hope was kept waiting by its rate limit', async () => {
		const { run, step, ports } = world();
		const only = step([answer()]);
		ports.breakers.settle(ports.breakers.force(only.target), 'opens', 0);
		const pass = ports.gates.enter(only.target, {
			execution: 'other',
			isAgain: false,
			endsAt: Number.POSITIVE_INFINITY,
			timeoutMs: 1000,
			longestPauseMs: 1000,
			isWanted: () => true,
			cancel: new AbortController().signal,
		});
		if (pass instanceof Promise || pass.kind !== 'pass') throw new Error('The gate is not free');
		ports.gates.leave(pass, { kind: 'refused', retryAfterMs: 20_000 });
		expect((await run([only])).attempts).toMatchObject([
			{ outcome: 'skipped', reason: 'circuit_open' },
			{ outcome: 'answered', waitMs: 20_000 },
		]);
	});

	it('leaves no call behind that was not made because of an open circuit', async () => {
		const { run, step, clock, ports } = world();
		const recovering = step([fail('authentication'), answer('back', { takesMs: 2000 })]);
		const second = step([answer('from the second')]);
		await run([recovering, second]);
		await clock.drive(clock.wait(30_000, new AbortController().signal));
		const atOnce = (tasks: number) =>
			clock.drive(
				Promise.all(Array.from({ length: tasks }, () => runChain(taskOf(clock, [recovering, second]), ports))),
			);
		await atOnce(20);
		const before = recovering.calls.length;
		const now = clock.now();
		await atOnce(5);
		expect(recovering.calls.slice(before).map(({ at }) => at - now)).toEqual([0, 0, 0, 0, 0]);
	});

	it('tells at once those who wait for a rate limit that a circuit has opened', async () => {
		const { step, clock, ports } = world();
		const begun = clock.now();
		const breaking = step([fail('authentication', { takesMs: 100 }), hang]);
		const second = step([answer('from the second')]);
		const steps = [breaking, second];
		const work = Array.from({ length: 20 }, () => runChain(taskOf(clock, steps), ports));
		await clock.drive(Promise.all(work));
		expect(second.calls.filter(({ at }) => at - begun === 100).length).toBeGreaterThanOrEqual(15);
	});

	it('leaves a step with an open circuit for the next one, even when it refuses for its rate limit', async () => {
		const { run, step } = world();
		const first = step([fail('rate_limited', { httpStatus: 429 })], { maxAttempts: 9 });
		await run([first, step([answer()])]);
		expect(first.calls).toHaveLength(5);
	});

	it('goes on asking the only step there is when it refuses for its rate limit, whatever its circuit says', async () => {
		const { run, step } = world();
		const refusals = Array.from({ length: 7 }, () => fail('rate_limited', { httpStatus: 429 }));
		const only = step([...refusals, answer('at last')], { maxAttempts: 9 });
		expect(await run([only])).toMatchObject({ kind: 'answered', output: 'at last' });
		expect(only.calls).toHaveLength(8);
	});

	it('does not go on so for any other failure', async () => {
		const { run, step } = world();
		const only = step([fail('overloaded')], { maxAttempts: 9 });
		await run([only]);
		expect(only.calls).toHaveLength(5);
	});

	it('stops retrying a step whose circuit opened meanwhile', async () => {
		const { step, run } = world();
		const first = step([fail('overloaded')], { maxAttempts: 9 });
		await run([first, step([answer()])]);
		expect(first.calls).toHaveLength(5);
	});
});

describe('observers', () => {
	it('cannot change an outcome', async () => {
		const { clock, step } = world();
		const ports = portsOf(clock, {
			observe: () => {
				throw new Error('observer defect');
			},
		});
		expect((await clock.drive(runChain(taskOf(clock, [step([answer()])]), ports))).kind).toBe('answered');
	});
});
