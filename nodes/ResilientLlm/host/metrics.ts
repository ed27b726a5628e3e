import type PromClient from 'prom-client';

import type { CircuitPhase, Metrics, WatchedCircuit } from '../tasks/metrics';

/** Every metric that `/metrics` shows. A label that does not apply has the value `none`. */
export const metricTable = {
	resilient_llm_tasks_total: {
		type: 'counter',
		labels: ['tier', 'reason_code'],
		help: 'Tasks that ended, by the tier that handled them (3: a human) and by why they went to a human',
	},
	resilient_llm_replays_total: {
		type: 'counter',
		labels: ['tier'],
		help: 'Items that got the stored result of an earlier run; no model was called',
	},
	resilient_llm_attempts_total: {
		type: 'counter',
		labels: ['provider', 'model', 'outcome', 'reason'],
		help: 'Calls to models, and models passed over (outcome skipped)',
	},
	resilient_llm_unpriced_attempts_total: {
		type: 'counter',
		labels: ['provider', 'model'],
		help: 'Calls whose cost is unknown; the cost histograms leave them out',
	},
	resilient_llm_task_duration_seconds: {
		type: 'histogram',
		labels: ['tier'],
		help: 'From the start of a task to its end, pauses included',
	},
	resilient_llm_attempt_duration_seconds: {
		type: 'histogram',
		labels: ['provider', 'model', 'outcome'],
		help: 'From a call to its result',
	},
	resilient_llm_task_cost_usd: {
		type: 'histogram',
		labels: ['tier'],
		help: 'USD of a task, all its attempts together',
	},
	resilient_llm_attempt_cost_usd: { type: 'histogram', labels: ['provider', 'model'], help: 'USD of a call' },
	resilient_llm_circuit_state: {
		type: 'gauge',
		labels: ['provider', 'model'],
		help: 'Circuit breaker: 0 closed, 1 half-open, 2 open; the worst where several credentials share a model',
	},
} as const;

/** In seconds: from a fast local answer to the longest deadline that makes sense. */
const durationBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** In USD: from a short answer of a small model to a long one of the largest. */
const costBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/**
 * How many different models are counted by name in a process; the rest are `other`. Each model is a time series of its
 * own, and expressions may produce any number of names.
 */
const maxModels = 100;

const phaseValues: Readonly<Record<CircuitPhase, number>> = { closed: 0, halfOpen: 1, open: 2 };

/**
 * Registers the metrics, or uses those that an earlier load of this package has registered. Only the gauge is replaced,
 * because its `collect` must read the circuits of this load.
 */
export function createMetrics({ register, Counter, Gauge, Histogram }: typeof PromClient): Metrics {
	const models = new Set<string>();
	const circuits = new Map<string, WatchedCircuit>();

	const tasks = counter('resilient_llm_tasks_total');
	const replays = counter('resilient_llm_replays_total');
	const attempts = counter('resilient_llm_attempts_total');
	const unpriced = counter('resilient_llm_unpriced_attempts_total');
	const taskDuration = histogram('resilient_llm_task_duration_seconds', durationBuckets);
	const attemptDuration = histogram('resilient_llm_attempt_duration_seconds', durationBuckets);
	const taskCost = histogram('resilient_llm_task_cost_usd', costBuckets);
	const attemptCost = histogram('resilient_llm_attempt_cost_usd', costBuckets);
	circuitGauge();

	return {
		attempt(attempt) {
			const { provider, outcome, latencyMs, costUsd } = attempt;
			const model = boundedModel(attempt.model);
			attempts.inc({ provider, model, outcome, reason: attempt.outcome === 'answered' ? 'none' : attempt.reason });
			if (outcome === 'skipped') return;
			attemptDuration.observe({ provider, model, outcome }, latencyMs / 1000);
			if (costUsd === null) unpriced.inc({ provider, model });
			else attemptCost.observe({ provider, model }, costUsd);
		},
		task({ tier, reasonCode, latencyMs, costUsd }) {
			tasks.inc({ tier, reason_code: reasonCode ?? 'none' });
			taskDuration.observe({ tier }, latencyMs / 1000);
			if (costUsd !== null) taskCost.observe({ tier }, costUsd);
		},
		replay(tier) {
			replays.inc({ tier });
		},
		watch(circuit) {
			if (circuits.has(circuit.target) || circuits.size < maxModels) circuits.set(circuit.target, circuit);
		},
	};

	function counter(name: keyof typeof metricTable): PromClient.Counter {
		return known<PromClient.Counter>(name) ?? new Counter(configuration(name));
	}

	function histogram(name: keyof typeof metricTable, buckets: number[]): PromClient.Histogram {
		return known<PromClient.Histogram>(name) ?? new Histogram({ ...configuration(name), buckets });
	}

	/**
	 * Collected at each scrape, because a circuit also changes without a call: when time passes, or when another process
	 * opens or closes it.
	 */
	function circuitGauge(): void {
		const name = 'resilient_llm_circuit_state';
		register.removeSingleMetric(name);
		new Gauge({
			...configuration(name),
			collect() {
				this.reset();
				const worst = new Map<
					string,
					{ readonly labels: { provider: string; model: string }; readonly value: number }
				>();
				for (const circuit of circuits.values()) {
					const labels = { provider: circuit.provider, model: boundedModel(circuit.model) };
					const key = JSON.stringify(labels);
					const value = phaseValues[circuit.phase()];
					if (value >= (worst.get(key)?.value ?? 0)) worst.set(key, { labels, value });
				}
				for (const { labels, value } of worst.values()) this.set(labels, value);
			},
		});
	}

	function known<Metric>(name: string): Metric | undefined {
		return register.getSingleMetric(name) as Metric | undefined;
	}

	function boundedModel(model: string): string {
		if (!models.has(model) && models.size >= maxModels) return 'other';
		models.add(model);
		return model;
	}
}

function configuration(name: keyof typeof metricTable): { name: string; help: string; labelNames: string[] } {
	const { help, labels } = metricTable[name];
	return { name, help, labelNames: [...labels] };
}
