import type { Attempt } from '../engine/attempt';
import type { EpochMs } from '../engine/clock';
import type { ReasonCode } from '../engine/outcome';

/** Why a task goes to a human, and what that human gets to see. */
export interface EscalationFacts {
	readonly reasonCode: ReasonCode;
	readonly reason: string;
	readonly draft: string | null;
	readonly attempts: readonly Attempt[];
	/** USD of this run: 0 for a replayed escalation; null: unknown. */
	readonly costUsd: number | null;
	readonly failedAt: EpochMs;
	readonly dueAt: EpochMs | null;
	/** Null: there is no review page. */
	readonly reviewUrl: string | null;
	readonly warnings: readonly string[];
	/** Whether the task store holds a review of the task. */
	readonly isStored: boolean;
}
