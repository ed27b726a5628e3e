import type { CircuitBreakers } from './limits/circuit-breaker';
import type { Clock, MonotonicMs, Random } from './clock';
import type { FailureReason } from './failure';
import type { RateLimitGates } from './limits/rate-limit-gates';
import { createLiveText, type LiveText } from './live-text';
import type { ChainEvent } from './outcome';
import type { Step, Task } from './task';
import { stepBudgetMs, worthRetrying } from './time-budget';
import { createTrail, type Trail } from './trail';

/** What the chain needs from its host. */
export interface ChainPorts {
	readonly clock: Clock;
	readonly random: Random;
	readonly breakers: CircuitBreakers;
	readonly gates: RateLimitGates;
	/** Called for every event as it happens. Errors it throws are ignored. */
	readonly observe: (event: ChainEvent) => void;
}

/** One task while the chain works on it. */
export interface Run extends ChainPorts {
	readonly task: Task;
	readonly steps: readonly Step[];
	readonly trail: Trail;
	/** Undefined: the answer is not streamed. */
	readonly live: LiveText | undefined;
}

/** One step of a run. */
export interface Place {
	readonly run: Run;
	readonly step: Step;
	/** The step's position in the provider order, from 1. */
	readonly place: number;
}

/** A step that is being tried, with its share of the time. */
export interface Turn extends Place {
	/** The steps that can still be tried if this one fails. */
	readonly later: readonly Step[];
	/** When the step's share of the task's time is over. */
	readonly endsAt: MonotonicMs;
}

export function beginRun(task: Task, ports: ChainPorts): Run {
	const steps = task.confidence === 'high' ? task.steps.slice(0, 1) : task.steps;
	const live = task.live === undefined ? undefined : createLiveText(task.live);
	return { ...ports, task, steps, trail: createTrail(ports.observe, ports.clock.wallTime), live };
}

/** Gives a step its share of the time that is left. */
export function beginTurn(run: Run, step: Step, place: number, later: readonly Step[]): Turn {
	const now = run.clock.now();
	const laterTimeoutsMs = later.map(({ attemptTimeoutMs }) => attemptTimeoutMs);
	const budgetMs = stepBudgetMs(run.task.deadline - now, step.attemptTimeoutMs, laterTimeoutsMs);
	return { run, step, place, later, endsAt: now + budgetMs };
}

/**
 * The longest allowed pause before a call of this step, in ms: `maxDelayMs` while another step is left, else unlimited.
 */
export function longestPauseMs({ run, later }: Turn): number {
	return later.length > 0 ? run.task.retryPolicy.maxDelayMs : Number.POSITIVE_INFINITY;
}

/** Whether a pause is allowed and leaves enough of the step's time for a useful call. */
export function isWorthWaiting(turn: Turn, pauseMs: number): boolean {
	const leftMs = turn.endsAt - turn.run.clock.now();
	return pauseMs <= longestPauseMs(turn) && worthRetrying(leftMs, pauseMs, turn.step.attemptTimeoutMs);
}

/** Records that the step is skipped, and why. */
export function passOver({ run, step, place }: Place, reason: FailureReason, message: string): void {
	run.trail.skipped(step, place, run.clock.now(), reason, message);
}
