import type { AgentN8n, PublishedAgent } from '../agent-n8n.ts';
import type { Heard } from '../heard.ts';
import type { Execution } from '../../review/n8n-rest.ts';
import { agent, agentDraft, calculator } from '../workflows/agent.ts';
import { planOf, tasks, waits, type Cell } from './cells.ts';
import type { Contender } from './contenders.ts';
import { outcomeOf, readBy, type Traces } from './outcome.ts';
import { keyOf, type Result } from './results.ts';

export interface MeasureOptions {
	readonly contenders: readonly Contender[];
	/** A run that has not ended by then hangs. */
	readonly limitMs: number;
	/** How many runs that keep the machine busy go at a time. */
	readonly atATime: number;
	readonly progress?: (done: number, all: number) => void;
}

interface Run {
	readonly contender: Contender;
	readonly cell: Cell;
	readonly name: string;
	readonly workflow: PublishedAgent;
}

/** More of an error's or a reply's words says no more. */
const textLength = 160;

/** Runs every cell of every contender in one n8n, and says what became of each. */
export async function measure(lab: AgentN8n, options: MeasureOptions): Promise<readonly Result[]> {
	const { contenders, limitMs, atATime, progress } = options;
	const runs = await prepared(lab, contenders);
	await warmUp(lab, runs, limitMs);
	const heard = new Map<Run, Heard>();
	const runOne = async (run: Run) => {
		heard.set(run, await lab.ask(run.workflow, run.name, planOf(run.cell, run.contender.plug), limitMs));
		progress?.(heard.size, runs.length);
	};
	const busy = runs.filter(({ cell }) => !waits(cell));
	const runOnwards = async () => {
		for (let run = busy.shift(); run !== undefined; run = busy.shift()) await runOne(run);
	};
	await Promise.all(Array.from({ length: atATime }, runOnwards));
	// All at once, and after the others: starting so many would slow those down.
	await Promise.all(runs.filter(({ cell }) => waits(cell)).map(runOne));
	return await resultsOf(lab, heard);
}

async function prepared(lab: AgentN8n, contenders: readonly Contender[]): Promise<readonly Run[]> {
	const runs: Run[] = [];
	for (const contender of contenders) {
		for (const streamed of [false, true]) {
			const cells = contender.cells.filter((cell) => cell.streamed === streamed);
			if (cells.length === 0) continue;
			const { first, next, plug } = contender;
			const trigger = { kind: 'webhook', streamed } as const;
			const path = [first, next, plug.id, streamed ? 'streamed' : 'whole'].join('-').toLowerCase();
			const workflow = await lab.publish(agentDraft({ path, plug, trigger }), trigger);
			const named = (cell: Cell) => keyOf({ ...cell, first, next, plug: plug.id }).replaceAll(' ', '.');
			runs.push(...cells.map((cell) => ({ contender, cell, workflow, name: named(cell) })));
		}
	}
	return runs;
}

/** n8n loads what a model needs on its first use, which is nobody's fault. */
async function warmUp(lab: AgentN8n, runs: readonly Run[], limitMs: number): Promise<void> {
	for (const workflow of new Set(runs.map((run) => run.workflow))) {
		await lab.ask(workflow, `warm-up-${workflow.id}`, { script: tasks.calculate, troubles: {} }, limitMs);
	}
}

async function resultsOf(lab: AgentN8n, heard: ReadonlyMap<Run, Heard>): Promise<readonly Result[]> {
	const results: Result[] = [];
	for (const workflow of new Set([...heard.keys()].map((run) => run.workflow))) {
		const executions = await lab.executions(workflow);
		for (const [run, reply] of heard) {
			if (run.workflow === workflow) results.push(resultOf(lab, run, reply, executions.get(run.name)));
		}
	}
	return results;
}

function resultOf(
	lab: AgentN8n,
	{ name, cell, contender }: Run,
	heard: Heard,
	execution: Execution | undefined,
): Result {
	// Of one that was stopped n8n does not always keep what ran.
	if (execution === undefined && heard.ended) throw new Error(`n8n kept no execution of ${name}`);
	const { first, next, plug } = contender;
	const traces: Traces = {
		script: tasks[cell.task],
		heard,
		streamed: cell.streamed,
		status: execution?.status ?? 'canceled',
		error: execution?.error,
		output: execution?.items(agent).at(-1)?.['output'],
		calculations: execution?.toolRuns(calculator) ?? [],
		bookings: lab.vendors.ledger.filter(({ plan }) => plan === name).map(({ body }) => body),
	};
	const journal = lab.vendors.journal.filter(({ plan }) => plan === name);
	const objections = journal.flatMap(({ vendor, objection }) =>
		objection === undefined ? [] : [`${vendor}: ${objection.slice(0, textLength)}`],
	);
	const callsTo = (model: string) => journal.filter(({ vendor }) => vendor === model).length;
	const { why, ...outcome } = outcomeOf(traces);
	return {
		first,
		next,
		plug: plug.id,
		...cell,
		...outcome,
		...(why !== undefined && { why: why.slice(0, textLength) }),
		seconds: Math.round(heard.seconds * 10) / 10,
		calls: Object.fromEntries(plug.vendors.map((vendor) => [vendor, callsTo(vendor)])),
		paid: journal.filter(({ billed }) => billed !== undefined).length,
		...(objections.length > 0 && { objections }),
		read: readBy(traces).slice(0, textLength),
	};
}
