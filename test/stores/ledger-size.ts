import { readdir, stat } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';

import { Redis } from 'ioredis';
import { Pool } from 'pg';

import type { LedgerEntry } from '../../nodes/ResilientLlm/engine/store/ledger';
import { latencyBucketOf } from '../../nodes/ResilientLlm/engine/store/latency-bucket';
import { messageFrom, startChild } from './processes/child';
import type { ReportTimes } from './processes/report-on-ledger';
import { openStore, type StoreAddress } from './processes/store-address';
import { realStoreKinds, startRealStores } from './real-stores';
import { hour, minute } from './samples';

/**
 * A ledger of a million attempts and 600,000 tasks, once over 30 days, once within 48 hours, once within 24, and what a
 * report over 24 hours takes that looks back another 24 for its trend: 48 tallies of an hour each, three times in a
 * process of its own.
 *
 * `node --import ./test/stores/processes/run-typescript.mjs test/stores/ledger-size.ts [embedded|redis|postgres …]`:
 * some three minutes for each. All of it goes through the stores' own `addToLedger`, a minute at a time.
 */
const attempts = 1_000_000;
const tasks = 600_000;
const spreads = { '30 days': 30 * 24 * hour, '48 hours': 48 * hour, '24 hours': 24 * hour };

const models = [
	['anthropic', 'claude-haiku-5-5'],
	['openAi', 'gpt-6-luna'],
	['gemini', 'gemini-3.5-flash-lite'],
	['anthropic', 'claude-sonnet-5'],
	['openAiCompatible', 'mistral-large-4'],
	['ollama', 'llama4'],
] as const;

const failures = [
	['overloaded', 529],
	['rate_limited', 429],
	['timeout', null],
	['server_error', 500],
	['network', null],
	['invalid_output', 200],
] as const;

const chosen = process.argv.slice(2);
const stores = await startRealStores();
const until = Math.floor(Date.now() / hour) * hour;
process.stdout.write(
	'adapter   spread    lines in 48 h  total ms  CPU ms  slowest slice ms  longest block ms  RSS growth MB  bytes per line  load\n',
);
for (const kind of realStoreKinds.filter((one) => chosen.length === 0 || chosen.includes(one))) {
	for (const [name, spreadMs] of Object.entries(spreads)) {
		const address = stores.fresh(kind);
		const before = await sizeOf(address);
		await fill(address, spreadMs);
		const size = (await sizeOf(address)) - before;
		const reports = await messageFrom<readonly ReportTimes[]>(startChild('report-on-ledger.ts', address, until));
		const each = (number: (times: ReportTimes) => number, digits = 0) =>
			reports.map((times) => number(times).toFixed(digits)).join('/');
		const numbers = [
			reports[0]?.lines,
			each(({ totalMs }) => totalMs),
			each(({ cpuMs }) => cpuMs),
			each(({ slowestSliceMs }) => slowestSliceMs),
			each(({ longestBlockMs }) => longestBlockMs),
			each(({ rssGrowthMb }) => rssGrowthMb),
			(size / (attempts + tasks)).toFixed(1),
			(loadavg()[0] ?? 0).toFixed(1),
		];
		process.stdout.write(`${kind.padEnd(9)} ${name.padEnd(9)} ${numbers.join('  ')}\n`);
	}
}
await stores.stop();

async function fill(address: StoreAddress, spreadMs: number): Promise<void> {
	const shift = { ms: 0 };
	const store = openStore(address, () => shift.ms);
	const minutes = spreadMs / minute;
	for (let index = 0; index < minutes; index++) {
		shift.ms = until - spreadMs + (index + 0.5) * minute - Date.now();
		const share = (of: number) => Math.floor(((index + 1) * of) / minutes) - Math.floor((index * of) / minutes);
		await store.addToLedger([
			...Array.from({ length: share(attempts) }, attemptLine),
			...Array.from({ length: share(tasks) }, taskLine),
		]);
	}
	await store.close();
}

/** 20 nodes in 8 workflows, some busier than others. */
function place() {
	const node = Math.floor(20 * Math.random() ** 2);
	return {
		workflowId: `workflow${node % 8}xyzABC`,
		workflowName: `Answer the mail of team ${node % 8}`,
		nodeId: `5f0c2c3e-7d1b-4d5e-9f1a-0000000000${10 + node}`,
		nodeName: `Resilient LLM ${node}`,
	};
}

function attemptLine(): LedgerEntry {
	const tier = Math.random() < 0.8 ? 1 : 2;
	const [provider, model] = models[Math.floor(models.length * Math.random() ** 2)] ?? models[0];
	const [reason, httpStatus] = failures[Math.floor(failures.length * Math.random() ** 2)] ?? failures[0];
	const isAnswered = Math.random() < 0.7;
	const end = isAnswered
		? ({ outcome: 'answered', reason: null, httpStatus: null } as const)
		: ({ outcome: 'failed', reason, httpStatus } as const);
	return {
		facets: { ...place(), kind: 'attempt', tier, provider, model, ...end },
		latencyBucket: latencyBucketOf(someLatency(1500)),
		costUsd: isAnswered ? someCost() : 0,
		extraCostUsd: null,
	};
}

function taskLine(): LedgerEntry {
	const chance = Math.random();
	const tier = chance < 0.85 ? 1 : chance < 0.97 ? 2 : 3;
	return {
		facets: { ...place(), kind: 'task', tier, reasonCode: tier === 3 ? 'all_models_failed' : null },
		latencyBucket: latencyBucketOf(someLatency(2500)),
		costUsd: someCost(),
		extraCostUsd: tier === 2 ? someCost() - someCost() : null,
	};
}

/** Log-normal, as latencies are: half of all are above the median, one in forty above three times it. */
function someLatency(median: number): number {
	return median * Math.exp(0.6 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
}

function someCost(): number {
	return 0.0005 * Math.exp(2 * Math.random());
}

/** Bytes on the disk; of Redis, in memory. */
async function sizeOf(address: StoreAddress): Promise<number> {
	switch (address.kind) {
		case 'embedded': {
			const folder = dirname(address.file);
			const files = await readdir(folder).catch(() => []);
			return (await Promise.all(files.map(async (file) => await stat(join(folder, file))))).reduce(
				(sum, { size }) => sum + size,
				0,
			);
		}
		case 'redis': {
			const redis = new Redis(address.port, address.host);
			const [, bytes] = /used_memory:(\d+)/.exec(await redis.info('memory')) ?? [];
			redis.disconnect();
			return Number(bytes);
		}
		case 'postgres': {
			const { host, port, user, password, database } = address;
			const pool = new Pool({ host, port, user, password, database });
			const { rows } = await pool.query<{ bytes: string }>(
				`SELECT coalesce(sum(pg_total_relation_size(oid)), 0) AS bytes FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace($1)`,
				[`"${address.schema}"`],
			);
			await pool.end();
			return Number(rows[0]?.bytes);
		}
	}
}
