import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkout } from '../n8n/install/checkout.ts';
import { installPeers } from './peers/install.ts';
import { startProvider } from './provider/provider.ts';
import { commit, machine } from './report/machine.ts';
import type { Report, ScenarioResult } from './report/result.ts';
import { scenarioText } from './report/text-table.ts';
import { scenarios } from './scenarios/index.ts';
import { profileOverhead } from './scenarios/overhead-profile.ts';

/** `npm run bench -- [scenario …] [--quick] [--cpu-prof] [--out file]` */
export async function bench(words: readonly string[]): Promise<void> {
	const { values, positionals } = parseArgs({
		args: [...words],
		allowPositionals: true,
		options: {
			quick: { type: 'boolean', default: false },
			'cpu-prof': { type: 'boolean', default: false },
			out: { type: 'string' },
		},
	});
	if (values['cpu-prof']) return await profiles(positionals);
	const chosen = chosenScenarios(positionals);
	const { quick } = values;
	const atStart = machine();
	const peers = await installPeers();
	const provider = await startProvider();
	const results: ScenarioResult[] = [];
	try {
		for (const [name, scenario] of chosen) {
			const result = await scenario({
				provider,
				peers,
				quick,
				progress: (text) => void process.stderr.write(`${name}: ${text}\n`),
			});
			results.push(result);
			process.stdout.write(`${scenarioText(result)}\n`);
		}
	} finally {
		await provider.stop();
	}
	const report: Report = {
		date: new Date().toISOString(),
		commit: commit(),
		quick,
		machine: atStart,
		versions: { ...ownVersions(), ...peers.versions },
		scenarios: results,
	};
	const file = values.out ?? join(import.meta.dirname, 'results', `${report.date.slice(0, 10)}.json`);
	await mkdir(join(file, '..'), { recursive: true });
	await writeFile(file, `${JSON.stringify(report, rounded, '\t')}\n`);
	process.stdout.write(`\n${file}\n`);
}

async function profiles(names: readonly string[]): Promise<void> {
	if (names.some((name) => name !== 'overhead')) throw new Error('Only the scenario "overhead" can be profiled.');
	const provider = await startProvider();
	try {
		await profileOverhead(provider, (text) => void process.stdout.write(text));
	} finally {
		await provider.stop();
	}
}

function chosenScenarios(names: readonly string[]) {
	const unknown = names.find((name) => !(name in scenarios));
	if (unknown !== undefined)
		throw new Error(`There is no scenario "${unknown}". There are: ${Object.keys(scenarios).join(', ')}.`);
	return Object.entries(scenarios).filter(([name]) => names.length === 0 || names.includes(name));
}

const require = createRequire(join(checkout, 'package.json'));

function ownVersions(): Readonly<Record<string, string>> {
	const names = ['openai', '@anthropic-ai/sdk', 'undici'];
	const versionOf = (name: string) =>
		(require(join(checkout, 'node_modules', name, 'package.json')) as { version: string }).version;
	return Object.fromEntries(names.map((name) => [name, versionOf(name)]));
}

/** Six digits are more than any of these numbers is worth. */
function rounded(_: string, value: unknown): unknown {
	return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
