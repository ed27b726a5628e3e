import type { Attempt } from '../engine/attempt';
import type { ReasonCode } from '../engine/outcome';

export type CircuitPhase = 'closed' | 'halfOpen' | 'open';

export interface EndedRun {
	readonly tier: 1 | 2 | 3;
	/** Null for an answered task. */
	readonly reasonCode: ReasonCode | null;
	readonly latencyMs: number;
	readonly costUsd: number | null;
}

/** A circuit whose current state is exported as a metric. */
export interface WatchedCircuit {
	readonly provider: string;
	readonly model: string;
	readonly target: string;
	phase(): CircuitPhase;
}

/** Counters for n8n's `/metrics` endpoint. */
export interface Metrics {
	attempt(attempt: Attempt): void;
	task(run: EndedRun): void;
	replay(tier: 1 | 2 | 3): void;
	/** Exports a circuit's state from now on; it is read at each scrape. */
	watch(circuit: WatchedCircuit): void;
}
