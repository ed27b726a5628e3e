import type { Random } from '../../nodes/ResilientLlm/engine/clock';
import { between, seededRandom } from '../chaos/seeded-random';
import { call, hour, minute, now, place, run, SampleLedger } from './sample-ledger';

const workflows = [
	{ workflowId: 'w1', workflowName: 'Support inbox', nodeId: 'n1', nodeName: 'Answer the ticket' },
	{ workflowId: 'w2', workflowName: 'Refund desk', nodeId: 'n2', nodeName: 'Decide the refund' },
	{ workflowId: 'w3', workflowName: 'Nightly product texts', nodeId: 'n3', nodeName: 'Write the description' },
];

const openAi = { step: 2, provider: 'openAi', model: 'gpt-6-luna' };
const gemini = { step: 3, provider: 'gemini', model: 'gemini-3.5-flash-lite' };
const ollama = { step: 4, provider: 'ollama', model: 'llama3.2' };

/** Two days of three workflows; from the given hour on, Anthropic is overloaded and OpenAI runs out of quota. */
function days({ troubleFrom, hours = 48 }: { readonly troubleFrom: number; readonly hours?: number }): SampleLedger {
	const ledger = new SampleLedger();
	const random = seededRandom(7);
	for (let ago = hours * 60; ago > 0; ago -= 4) {
		const at = now - ago * minute;
		const busy = 1 + Math.round(3 * Math.sin(((new Date(at).getUTCHours() - 4) / 24) * Math.PI) ** 2 * random());
		for (let each = 0; each < busy; each += 1) {
			const where = workflows[between(random, 0, 2)] ?? place;
			ledger.add(at, ago <= troubleFrom * 60 ? badRun(random) : goodRun(random), where);
		}
	}
	return ledger;
}

function goodRun(random: Random) {
	const latencyMs = Math.round(600 + 900 * random() ** 2);
	const answer = call({ latencyMs, costUsd: 0.0008 + 0.002 * random() });
	if (random() < 0.97) return run(1, [answer], { latencyMs });
	const late = call({ outcome: 'failed', reason: 'timeout', latencyMs: 45_000, costUsd: random() < 0.3 ? null : 0 });
	return run(2, [late, call({ ...openAi, latencyMs: 900, costUsd: 0.0004 })], {
		latencyMs: 46_100,
		extraCostUsd: -0.0009,
	});
}

function badRun(random: Random) {
	const overloaded = () =>
		call({ outcome: 'failed', reason: 'overloaded', httpStatus: 529, latencyMs: between(random, 180, 900) });
	const skipped = call({ outcome: 'skipped', reason: 'circuit_open', latencyMs: 0 });
	const first = random() < 0.45 ? [skipped] : [overloaded(), overloaded(), overloaded()];
	const quota =
		random() < 0.3
			? [call({ ...openAi, outcome: 'skipped', reason: 'circuit_open', latencyMs: 0 })]
			: [call({ ...openAi, outcome: 'failed', reason: 'quota_exhausted', httpStatus: 429, latencyMs: 210 })];
	const fate = random();
	if (fate < 0.3) return goodRun(random);
	if (fate < 0.45)
		return run(2, [...first, call({ ...openAi, latencyMs: between(random, 900, 4000), costUsd: 0.0011 })], {
			latencyMs: 6200,
			extraCostUsd: -0.0004,
		});
	if (fate < 0.86)
		return run(2, [...first, ...quota, call({ ...gemini, latencyMs: between(random, 1800, 9000), costUsd: 0.0032 })], {
			latencyMs: between(random, 5000, 19_000),
			extraCostUsd: 0.0014,
		});
	const local = call({ ...ollama, outcome: 'failed', reason: 'timeout', latencyMs: 45_000, costUsd: null });
	return run(
		3,
		[
			...first,
			...quota,
			call({ ...gemini, outcome: 'failed', reason: 'content_blocked', latencyMs: 1500, costUsd: 0.0004 }),
			local,
		],
		{ latencyMs: between(random, 52_000, 70_000) },
	);
}

export const badDay = (): SampleLedger => days({ troubleFrom: 12 });
export const goodDay = (): SampleLedger => days({ troubleFrom: 0 });
/** Every provider works; there is hardly anything to do. */
export const quietDay = (): SampleLedger =>
	new SampleLedger()
		.add(now - hour, run(3, [call({ outcome: 'failed', reason: 'authentication', httpStatus: 401 })]))
		.add(now - 2 * hour, run(1, [call()]));

/** Names that try to be anything but names. */
export function hostileDay(hostile: string): SampleLedger {
	const where = { workflowId: 'w1', workflowName: hostile, nodeId: hostile, nodeName: hostile };
	const ledger = new SampleLedger();
	for (let each = 0; each < 12; each += 1) {
		ledger.add(
			now - each * hour,
			run(3, [
				call({ provider: hostile, model: `${hostile} ${each}`, outcome: 'failed', reason: 'network' }),
				call({ outcome: 'skipped', reason: 'circuit_open', provider: hostile, model: hostile }),
			]),
			where,
		);
	}
	return ledger;
}
