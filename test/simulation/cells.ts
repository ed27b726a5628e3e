import { limitKinds, type Limit } from './capacity';
import { retryAfters, type RetryAfter } from './limited-server';
import { usages, type Usage } from './other-callers';

/** One combination of what a batch may meet. */
export interface Cell {
	readonly limitName: string;
	readonly limit: Limit;
	readonly usage: Usage;
	/** Items of one execution, all at once. */
	readonly batch: number;
	/** Each step has a server of its own, behind the same limit. */
	readonly steps: number;
	readonly retryAfter: RetryAfter;
	/** For each item. */
	readonly deadlineMs: number;
}

const windows = {
	'10/s': [10, 1000],
	'60/min': [60, 60_000],
	'300/15 s': [300, 15_000],
	'500/min': [500, 60_000],
} as const;

const limits: readonly (readonly [name: string, limit: Limit])[] = [
	...Object.entries(windows).flatMap(([name, [calls, periodMs]]) =>
		limitKinds.map((kind) => [name, { kind, calls, periodMs }] as const),
	),
	['50 at once', { kind: 'at once', calls: 50 }],
	['none', { kind: 'none' }],
];

/** The node's default, and a tight one. */
const deadlinesMs = [300_000, 30_000];

/** All combinations. Without a limit there are no others in the way and no Retry-After. */
export const cells: readonly Cell[] = limits.flatMap(([limitName, limit]) => {
	const isNone = limit.kind === 'none';
	return (isNone ? (['0'] as const) : usages).flatMap((usage) =>
		(isNone ? (['exact'] as const) : retryAfters).flatMap((retryAfter) =>
			[1, 100, 1000].flatMap((batch) =>
				[1, 3].flatMap((steps) =>
					deadlinesMs.map((deadlineMs) => ({ limitName, limit, usage, batch, steps, retryAfter, deadlineMs })),
				),
			),
		),
	);
});

/** The same for the same cell on every machine, and another one for each cell. */
export function seedOf(cell: Cell): number {
	const text = JSON.stringify(cell);
	let hash = 0;
	for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
	return hash >>> 0;
}

export function nameOf({ limitName, limit, usage, batch, steps, retryAfter, deadlineMs }: Cell): string {
	const who = `${batch} items, ${steps} steps, ${deadlineMs / 1000} s each`;
	return `${limitName} (${limit.kind}), ${usage} used by others, ${who}, Retry-After ${retryAfter}`;
}
