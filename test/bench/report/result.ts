import type { Spread } from '../measure/statistics.ts';

export type Value = number | Spread | string | boolean | null;

export interface Column {
	readonly key: string;
	readonly title: string;
	/** µs, ms, s, MB, × … */
	readonly unit?: string;
	readonly digits?: number;
}

export interface Row {
	/** Stable: what a reader of the JSON looks for. */
	readonly id: string;
	readonly label: string;
	readonly values: Readonly<Record<string, Value>>;
}

/** What was promised, what came out. */
export interface Target {
	/** Stable. */
	readonly id: string;
	readonly promise: string;
	/** In words, with its unit. */
	readonly measured: string;
	readonly met: boolean;
}

export interface ScenarioResult {
	readonly name: string;
	readonly title: string;
	readonly tables: readonly Table[];
	readonly targets: readonly Target[];
	/** What a reader has to know to read the numbers right. */
	readonly notes: readonly string[];
}

export interface Table {
	/** Stable. */
	readonly id: string;
	readonly title: string;
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
}

export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryGb: number;
	readonly platform: string;
	readonly node: string;
	/** 1, 5 and 15 minutes, before the first scenario. */
	readonly loadAverage: readonly number[];
}

export interface Report {
	readonly date: string;
	readonly commit: string;
	/** A quick run shows that the bench works; its numbers are worth little. */
	readonly quick: boolean;
	readonly machine: Machine;
	readonly versions: Readonly<Record<string, string>>;
	readonly scenarios: readonly ScenarioResult[];
}
