import { roundedUsd } from './usd';
import type { Attempt } from './attempt';
import type { Completion } from './completion';
import type { Clock, MonotonicMs } from './clock';
import type { Failure, FailureReason } from './failure';
import type { ChainEvent } from './outcome';
import type { Step } from './task';

/** When and where a call was made. */
export interface CallRecord {
	/** The step's position in the provider order, from 1. */
	readonly place: number;
	readonly stepAttempt: number;
	readonly startedAt: MonotonicMs;
	readonly endedAt: MonotonicMs;
	readonly waitMs: number;
}

/** How useful a rejected answer still is to a human; higher is better. 0 for other reasons. */
const draftWorth: Partial<Record<FailureReason, number>> = {
	content_blocked: 1,
	context_too_long: 2,
	truncated: 3,
	invalid_output: 4,
};

/** Records what happened to one task. Every attempt is reported to the observer as it ends. */
export interface Trail {
	readonly attempts: readonly Attempt[];
	readonly warnings: readonly string[];
	/** The best answer so far. */
	readonly draft: Completion | undefined;
	answered(step: Step, call: CallRecord, completion: Completion): void;
	failed(step: Step, call: CallRecord, failure: Failure): void;
	skipped(step: Step, place: number, now: MonotonicMs, reason: FailureReason, message: string): void;
	warn(warning: string): void;
	observe(event: ChainEvent): void;
}

export function createTrail(observer: (event: ChainEvent) => void, wallTime: Clock['wallTime']): Trail {
	const attempts: Attempt[] = [];
	const warnings = new Set<string>();
	let best: { readonly draft: Completion; readonly worth: number } | undefined;

	const trail: Trail = {
		attempts,
		get warnings() {
			return [...warnings];
		},
		get draft() {
			return best?.draft;
		},
		answered(step, call, completion) {
			best = { draft: completion, worth: Number.POSITIVE_INFINITY };
			completion.warnings?.forEach((warning) => warnings.add(warning));
			record({
				...facts(step, call),
				costUsd: completion.usage === undefined ? null : step.price(completion.usage, completion.model),
				outcome: 'answered',
				...(completion.usage !== undefined && { usage: completion.usage }),
				...(completion.requestId !== undefined && { requestId: completion.requestId }),
			});
		},
		failed(step, call, failure) {
			keepDraft(failure);
			record({
				...facts(step, call),
				costUsd: costOfFailure(step, failure),
				outcome: 'failed',
				...(failure.usage !== undefined && { usage: failure.usage }),
				...words(failure),
			});
		},
		skipped(step, place, now, reason, message) {
			const call = { place, stepAttempt: 0, startedAt: now, endedAt: now, waitMs: 0 };
			record({ ...facts(step, call), costUsd: 0, outcome: 'skipped', reason, message });
		},
		warn(warning) {
			warnings.add(warning);
		},
		observe(event) {
			try {
				observer(event);
			} catch {
				// A failing observer must not affect the task.
			}
		},
	};
	return trail;

	function record(attempt: Attempt): void {
		attempts.push(attempt);
		trail.observe({ event: 'attempt-end', attempt });
	}

	function facts(step: Step, call: CallRecord) {
		return {
			attempt: attempts.length + 1,
			step: call.place,
			stepAttempt: call.stepAttempt,
			provider: step.provider,
			model: step.settings.model,
			startedAt: new Date(wallTime(call.startedAt)).toISOString(),
			latencyMs: Math.round(call.endedAt - call.startedAt),
			waitMs: Math.round(call.waitMs),
		};
	}

	function keepDraft({ draft, reason }: Failure): void {
		// A draft of tool calls without any text is of no use to a human.
		if (draft === undefined || draft.text.trim() === '') return;
		const worth = draftWorth[reason] ?? 0;
		if (worth >= (best?.worth ?? 0)) best = { draft, worth };
	}
}

function words({ reason, message, httpStatus, requestId }: Failure) {
	return {
		reason,
		message,
		...(httpStatus !== undefined && { httpStatus }),
		...(requestId !== undefined && { requestId }),
	};
}

/**
 * USD of a failed call. Vendors do not bill errors (0), but they may bill a call that timed out, was cancelled or was
 * cut off before its answer arrived (null: unknown).
 */
function costOfFailure(step: Step, { usage, model, reason, httpStatus }: Failure): number | null {
	if (usage !== undefined) return step.price(usage, model ?? step.settings.model);
	const isCutOff = reason === 'timeout' || reason === 'cancelled' || (reason === 'network' && httpStatus !== undefined);
	return isCutOff ? null : 0;
}

/** USD of all attempts; null as soon as one of them is unknown. */
export function totalCostUsd(attempts: readonly Attempt[]): number | null {
	const sum = attempts.reduce<number | null>(
		(total, { costUsd }) => (total === null || costUsd === null ? null : total + costUsd),
		0,
	);
	return sum === null ? null : roundedUsd(sum);
}
