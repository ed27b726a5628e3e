import { tierOfStep } from '../engine/tier';
import type { Attempt } from '../engine/attempt';
import type { FinishReason } from '../engine/completion';
import type { Outcome } from '../engine/outcome';
import type { Json } from '../engine/store/task-record';
import { totalCostUsd } from '../engine/trail';

/** A model's answer to a task as the node gives it, new or replayed from the store. */
export interface AnswerFacts {
	readonly output: unknown;
	readonly tier: 1 | 2;
	readonly provider: string;
	/** The model that answered, as its server names it. */
	readonly model: string;
	readonly finishReason: FinishReason;
	readonly truncated: boolean;
	/** Null: the server did not report it. */
	readonly usage: Readonly<
		Record<'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'reasoningTokens', number | null>
	>;
	/** USD of all attempts of the run that answered; null: unknown. */
	readonly costUsd: number | null;
	readonly attempts: readonly Attempt[];
	readonly warnings: readonly string[];
}

/** The part of a step that names the provider of an answer. */
export interface NamedProvider {
	readonly provider: string;
}

export function answerFactsOf(
	outcome: Extract<Outcome, { kind: 'answered' }>,
	steps: readonly NamedProvider[],
): AnswerFacts {
	const { completion, output, step, truncated, attempts, warnings } = outcome;
	const { usage } = completion;
	return {
		output,
		tier: tierOfStep(step),
		provider: steps[step - 1]?.provider ?? '',
		model: completion.model,
		finishReason: completion.finishReason,
		truncated,
		usage: {
			inputTokens: usage?.inputTokens ?? null,
			outputTokens: usage?.outputTokens ?? null,
			cachedInputTokens: usage?.cachedInputTokens ?? null,
			reasoningTokens: usage?.reasoningTokens ?? null,
		},
		costUsd: totalCostUsd(attempts),
		attempts,
		warnings,
	};
}

/** Format version of stored answers. Raised when an older version of this package would misread the new format. */
const version = 1;

export function encodeAnswer(facts: AnswerFacts): Json {
	return JSON.parse(JSON.stringify({ version, ...facts })) as Json;
}

/** Undefined when the answer is stored in another format version. */
export function decodeAnswer(stored: Json): AnswerFacts | undefined {
	const isOurs =
		typeof stored === 'object' &&
		stored !== null &&
		!Array.isArray(stored) &&
		'version' in stored &&
		stored.version === version;
	return isOurs && 'output' in stored && 'attempts' in stored ? (stored as unknown as AnswerFacts) : undefined;
}
