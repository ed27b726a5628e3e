import { createCircuitBreakers } from '../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import type { ChainPorts } from '../../nodes/ResilientLlm/engine/run';
import type { Clock } from '../../nodes/ResilientLlm/engine/clock';
import { createRateLimitGates } from '../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type { Failure, FailureReason } from '../../nodes/ResilientLlm/engine/failure';
import type { CompletionRequest } from '../../nodes/ResilientLlm/engine/request';
import type { Step, Task } from '../../nodes/ResilientLlm/engine/task';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

/** What a scripted step does with one call: answer, fail, or never come back; after `takesMs` of virtual time. */
export type Act = (Completion | Failure | { readonly kind: 'hang' }) & { readonly takesMs?: number };

export interface Call {
	readonly at: number;
	readonly request: CompletionRequest;
	endedAt?: number;
	aborted?: boolean;
}

export interface ScriptedStep extends Step {
	readonly calls: Call[];
}

export function answer(text = 'fine', more: Partial<Completion> & { takesMs?: number } = {}): Act {
	return {
		kind: 'completion',
		text,
		finishReason: 'stop',
		usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 },
		model: 'served-model',
		...more,
	};
}

export function fail(reason: FailureReason, more: Partial<Failure> & { takesMs?: number } = {}): Act {
	return { kind: 'failure', reason, message: `scripted ${reason}`, ...more };
}

export const hang: Act = { kind: 'hang' };

/** A step that plays its acts in order; the last one repeats. */
export function scriptedStep(clock: Clock, acts: readonly Act[], more: Partial<Step> = {}): ScriptedStep {
	const calls: Call[] = [];
	return {
		provider: 'scripted',
		label: 'Scripted',
		target: `target-${Math.random()}`,
		settings: { model: 'model', maxOutputTokens: 1000 },
		maxAttempts: 3,
		attemptTimeoutMs: 45_000,
		price: ({ inputTokens, outputTokens }) => (inputTokens + outputTokens) / 1_000_000,
		...more,
		calls,
		async complete(request, signal) {
			const act = acts[Math.min(calls.length, acts.length - 1)] ?? hang;
			const call: Call = { at: clock.now(), request };
			calls.push(call);
			signal.addEventListener('abort', () => (call.aborted = true), { once: true });
			await (act.kind === 'hang' ? clock.wait(1e9, signal) : clock.wait(act.takesMs ?? 0, signal));
			call.endedAt = clock.now();
			return act.kind === 'hang' || signal.aborted ? { kind: 'failure', reason: 'network', message: 'aborted' } : act;
		},
	};
}

export function taskOf(clock: Clock, steps: readonly Step[], more: Partial<Task> = {}): Task {
	return {
		content: conversationOf({ prompt: 'Say hello', systemMessage: '', attachments: [], output: { kind: 'text' } }),
		steps,
		execution: 'execution',
		confidence: 'any',
		deadline: clock.now() + 300_000,
		retryPolicy: { baseDelayMs: 1000, maxDelayMs: 30_000 },
		rules: { onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
		cancel: new AbortController().signal,
		...more,
	};
}

export function portsOf(clock: Clock, more: Partial<ChainPorts> = {}): ChainPorts {
	return {
		clock,
		random: () => 0.5,
		breakers: createCircuitBreakers(clock),
		gates: createRateLimitGates(clock),
		observe: () => {},
		...more,
	};
}
