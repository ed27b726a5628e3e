import type { Attempt } from '../../../nodes/ResilientLlm/engine/attempt';
import { ledgerEntries, type LedgerFacets } from '../../../nodes/ResilientLlm/engine/store/ledger';
import type { OncePorts, OnceTask } from '../../../nodes/ResilientLlm/engine/once/once-task';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';
import { createOwedWrites } from '../../../nodes/ResilientLlm/engine/store/owed-writes';
import type { RunSummary } from '../../../nodes/ResilientLlm/engine/store/task-record';
import type { TaskStore } from '../../../nodes/ResilientLlm/engine/store/task-store';
import { createMemoryTaskStore } from '../../../nodes/ResilientLlm/stores/memory/memory';
import { createVirtualClock } from '../virtual-clock';

export const summary: RunSummary = {
	tier: 1,
	reasonCode: null,
	provider: 'p',
	model: 'm',
	attempts: [],
	costUsd: 0,
	extraCostUsd: null,
	latencyMs: 1,
};
const origin = { workflowId: 'w', workflowName: 'W', nodeId: 'n', nodeName: 'N', executionId: '1' };

/** How the task counts, whatever its outcome. */
const end = { tier: 1, reasonCode: null, latencyMs: 1, costUsd: 0, extraCostUsd: null } as const;
export const attempt: Attempt = {
	attempt: 1,
	step: 1,
	stepAttempt: 1,
	provider: 'p',
	model: 'm',
	startedAt: '2026-11-20T10:00:00.000Z',
	latencyMs: 1,
	waitMs: 0,
	costUsd: 0,
	outcome: 'answered',
};

export const answered = (text: string): Outcome => ({
	kind: 'answered',
	completion: { kind: 'completion', text, finishReason: 'stop', model: 'm' },
	output: text,
	step: 1,
	truncated: false,
	attempts: [attempt],
	warnings: [],
});
export const escalated: Outcome = {
	kind: 'escalated',
	reasonCode: 'all_models_failed',
	reason: 'All failed',
	attempts: [],
	warnings: [],
};

/** A store and a clock for tasks that all have the same key. */
export function world() {
	const clock = createVirtualClock();
	const store = createMemoryTaskStore({ clock });
	const owed = createOwedWrites(clock);
	let runs = 0;
	let owners = 0;
	const ports = (over: Partial<TaskStore> = {}): OncePorts => ({
		store: { ...store, ...over },
		owed,
		clock,
		newOwner: () => `owner ${(owners += 1)}`,
	});
	const task = (
		outcome: Outcome,
		{ takesMs = 0, fingerprint = 'f', cancel = new AbortController().signal, deadlineMs = 60_000 } = {},
	): OnceTask => ({
		identity: { key: 'k', taskId: 't', fingerprint, origin },
		deadline: clock.now() + deadlineMs,
		cancel,
		keepsakes: {
			answer: ({ output, attempts }) => ({
				summary,
				ledger: ledgerEntries(origin, { end, attempts }),
				payload: String(output),
				ttlMs: 3_600_000,
			}),
			escalation: ({ attempts }) => ({
				summary,
				ledger: ledgerEntries(origin, { end, attempts }),
				payload: 'review',
				tokenHash: 'h',
				dueInMs: null,
				retentionMs: 3_600_000,
			}),
			calls: ({ attempts }) => ledgerEntries(origin, { end: null, attempts }),
		},
		async run() {
			runs += 1;
			await clock.wait(takesMs, cancel);
			return outcome;
		},
	});
	/** Lines of the ledger. */
	const counted = async () => {
		const sums = await store.tally({ from: 0, to: Number.MAX_SAFE_INTEGER });
		const linesOf = (kind: LedgerFacets['kind']) =>
			sums.filter(({ facets }) => facets.kind === kind).reduce((lines, sum) => lines + sum.lines, 0);
		return { tasks: linesOf('task'), attempts: linesOf('attempt') };
	};
	return { clock, store, ports, task, runs: () => runs, counted };
}
