import { parseArgs } from 'node:util';
import { newestN8n } from '../../install/n8n-versions.ts';
import { AgentN8n } from '../agent-n8n.ts';
import { contenders, type Contender } from './contenders.ts';
import { writeDocsPage } from './docs-page.ts';
import { measure } from './measure.ts';
import { mergeResults, readResults, writeResults, type Result } from './results.ts';

const usage = `npm run survival -- [options]
  --first <model>   only contenders that ask this model first
  --plug <id>       only this way of running them (alone, fallback)
  --fault <fault>   only this fault
  --limit <s>       a run that has not ended by then hangs (30)
  --page            measure nothing, make the page in the docs anew
What is measured replaces what was measured before of the same; the rest stays.
`;

/** Runs agents through every fault in a real n8n, and writes results and docs. */
export async function survival(commandArguments: readonly string[]): Promise<void> {
	const options = {
		first: { type: 'string' },
		plug: { type: 'string' },
		fault: { type: 'string' },
		limit: { type: 'string', default: '30' },
		page: { type: 'boolean', default: false },
		help: { type: 'boolean', default: false },
	} as const;
	const { values } = parseArgs({ args: [...commandArguments], options });
	if (values.help) return void process.stdout.write(usage);
	if (!values.page) {
		const limitSeconds = Number(values.limit);
		const chosen = contenders.map((contender) => narrowed(contender, values)).filter(({ cells }) => cells.length > 0);
		const results = await measured(chosen, limitSeconds);
		const plugs = Object.fromEntries(chosen.map(({ plug }) => [plug.id, plug.title]));
		const today = new Date().toISOString().slice(0, 10);
		writeResults(mergeResults(readResults(), { n8n: newestN8n.n8n, measured: today, limitSeconds, plugs, results }));
		process.stdout.write(summary(results));
	}
	writeDocsPage(readResults());
}

interface Wanted {
	readonly first?: string | undefined;
	readonly plug?: string | undefined;
	readonly fault?: string | undefined;
}

function narrowed(contender: Contender, { first, plug, fault }: Wanted): Contender {
	const isWanted = (first ?? contender.first) === contender.first && (plug ?? contender.plug.id) === contender.plug.id;
	return { ...contender, cells: contender.cells.filter((cell) => isWanted && (fault ?? cell.fault) === cell.fault) };
}

async function measured(chosen: readonly Contender[], limitSeconds: number): Promise<readonly Result[]> {
	const lab = await AgentN8n.start();
	try {
		const progress = (done: number, all: number) => {
			if (done % 50 === 0 || done === all) process.stderr.write(`${done} of ${all} runs\n`);
		};
		return await measure(lab, { contenders: chosen, limitMs: limitSeconds * 1000, atATime: 2, progress });
	} finally {
		await lab.stop();
	}
}

function summary(results: readonly Result[]): string {
	const counts = Map.groupBy(results, ({ verdict }) => verdict);
	return `${[...counts].map(([verdict, group]) => `${group.length} ${verdict}`).join(', ')}\n`;
}
