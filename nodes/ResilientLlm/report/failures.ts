import type { FailureReason } from '../engine/failure';
import { failureTable } from '../engine/failure-table';
import { openings } from '../engine/escalation-reason';
import type { ReasonCode } from '../engine/outcome';
import { byCount } from './figures';
import type { AttemptFacets } from './line-tally';

/** Calls that failed for the same reason with the same HTTP status, or models that were skipped for the same reason. */
export interface FailureRow {
	readonly reason: FailureReason;
	/** Null: no reply came. */
	readonly httpStatus: number | null;
	/** The reason in words. */
	readonly meaning: string;
	readonly count: number;
	/** The models concerned, most frequent first. */
	readonly models: readonly ModelCount[];
}

export interface ModelCount {
	readonly provider: string;
	readonly model: string;
	readonly count: number;
}

export interface EscalationRow {
	readonly reasonCode: ReasonCode;
	/** The code in words. */
	readonly meaning: string;
	readonly count: number;
}

type Counted<Facts> = Facts & { count: number };

export class FailureTally {
	private readonly kinds = new Map<
		string,
		Counted<
			Pick<FailureRow, 'reason' | 'httpStatus'> & { readonly models: Map<string, Counted<Omit<ModelCount, 'count'>>> }
		>
	>();

	add({ reason, httpStatus, provider, model }: AttemptFacets, lines: number): void {
		if (reason === null) return;
		const kind = emplace(this.kinds, `${reason} ${httpStatus}`, () => ({
			reason,
			httpStatus,
			count: 0,
			models: new Map(),
		}));
		kind.count += lines;
		emplace(kind.models, JSON.stringify([provider, model]), () => ({ provider, model, count: 0 })).count += lines;
	}

	/** Most frequent first. */
	rows(): readonly FailureRow[] {
		return [...this.kinds.values()]
			.sort(byCount(({ count }) => count))
			.map(({ reason, httpStatus, count, models }) => ({
				reason,
				httpStatus,
				meaning: failureTable[reason]?.meaning ?? reason,
				count,
				models: [...models.values()].sort(byCount((each) => each.count)),
			}));
	}
}

/** Most frequent first. */
export function escalationRows(counts: ReadonlyMap<ReasonCode, number>): readonly EscalationRow[] {
	return [...counts]
		.map(([reasonCode, count]) => ({ reasonCode, meaning: openings[reasonCode] ?? reasonCode, count }))
		.sort(byCount(({ count }) => count));
}

function emplace<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
	const value = map.get(key) ?? make();
	map.set(key, value);
	return value;
}
