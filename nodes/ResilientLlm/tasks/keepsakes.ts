import { tierOfStep } from '../engine/tier';
import { extraCostOf, ledgerEntries, type LedgerEntry } from '../engine/store/ledger';
import type { Keepsakes } from '../engine/once/once-task';
import type { Outcome } from '../engine/outcome';
import type { RunSummary } from '../engine/store/task-record';
import type { Answer } from '../engine/store/task-store';
import { transcriptOf } from '../engine/transcript';
import { totalCostUsd } from '../engine/trail';
import { encodeReviewPayload } from '../review/review-payload';
import { hashReviewToken } from '../review/token';
import { answerFactsOf, encodeAnswer } from './answer-facts';
import type { StorableTask } from './storable-task';

/**
 * How long an undecided review, or the content of a decided one, is kept, in ms: 30 days, counted from its due time if
 * it has one.
 */
const reviewRetentionMs = 30 * 24 * 3_600_000;

type Answered = Extract<Outcome, { kind: 'answered' }>;
type Escalated = Extract<Outcome, { kind: 'escalated' }>;

export interface TaskKeepsakes extends Keepsakes {
	/** What is stored of an answered run whose answer itself is not kept. */
	numbers(outcome: Answered): Omit<Answer, 'payload'>;
	/** Ledger lines of a task that failed and gets no review. */
	failed(outcome: Escalated): readonly LedgerEntry[];
}

/** Builds what a run writes to the task store. `token` opens the review if the task escalates. */
export function keepsakesOf(task: StorableTask, token: string): TaskKeepsakes {
	const { identity, parameters, content, steps, includeInput, startedAt, clock } = task;
	const latencyMs = () => Math.round(clock.now() - startedAt);
	const leave = (summary: RunSummary) => ({
		summary,
		ledger: ledgerEntries(identity.origin, { end: summary, attempts: summary.attempts }),
	});
	const numbers = (outcome: Answered): Omit<Answer, 'payload'> => {
		const { step, completion, attempts } = outcome;
		const who = {
			tier: tierOfStep(step),
			provider: steps[step - 1]?.provider ?? '',
			model: completion.model,
		} as const;
		const summary = {
			...who,
			reasonCode: null,
			attempts,
			costUsd: totalCostUsd(attempts),
			extraCostUsd: extraCostOf(outcome, task.firstStepPrice),
			latencyMs: latencyMs(),
		};
		return { ...leave(summary), ttlMs: parameters.resultTtlMs };
	};
	const failedSummary = ({ reasonCode, attempts }: Pick<Escalated, 'reasonCode' | 'attempts'>): RunSummary => ({
		tier: 3,
		reasonCode,
		provider: null,
		model: null,
		attempts,
		costUsd: totalCostUsd(attempts),
		extraCostUsd: null,
		latencyMs: latencyMs(),
	});
	return {
		numbers,
		failed: (outcome) => leave(failedSummary(outcome)).ledger,
		answer: (outcome) => ({ ...numbers(outcome), payload: encodeAnswer(answerFactsOf(outcome, steps)) }),
		escalation({ reasonCode, reason, attempts, draft, warnings }) {
			const { prompt, systemMessage } = transcriptOf(content);
			const { output } = content;
			const { reviewPageUrl } = parameters;
			const context = task.storedContext();
			return {
				...leave(failedSummary({ reasonCode, attempts })),
				payload: encodeReviewPayload({
					prompt,
					systemMessage,
					context,
					draft: draft?.text ?? null,
					reason,
					output,
					includeInput,
					warnings,
					...(reviewPageUrl !== undefined && { reviewPageUrl }),
				}),
				tokenHash: hashReviewToken(token),
				dueInMs: parameters.reviewDueMs,
				retentionMs: (parameters.reviewDueMs ?? 0) + reviewRetentionMs,
			};
		},
		calls: ({ attempts }) => ledgerEntries(identity.origin, { end: null, attempts }),
	};
}
