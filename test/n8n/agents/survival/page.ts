import type { Fault } from '../vendors/faults.ts';
import { contenders, mainPair, modelName } from './contenders.ts';
import type { Verdict } from './outcome.ts';
import type { Result, Results } from './results.ts';

const verdicts: readonly Verdict[] = ['right', 'wrong', 'error', 'hang'];

const faultNames: Readonly<Record<Fault | 'none', string>> = {
	none: 'All is well',
	overloaded: 'Overloaded (529 at Anthropic, 503 elsewhere)',
	rate_limited: '429 with Retry-After',
	quota_exhausted: 'Quota used up',
	server_error: '500',
	connection_refused: 'Connection refused',
	hang: 'Takes the request and says nothing',
	stall: 'Stops within the body and says no more',
	reset_before_body: 'Reset before the response',
	reset_within_body: 'Reset within the body',
	cut_stream: 'The body ends too early',
	html: 'HTML with status 200',
	empty: 'An empty answer',
	truncated: 'An answer cut by the output limit',
	refusal: 'A refusal',
	wrong_key: 'Wrong key',
	unknown_model: 'Unknown model',
	context_too_long: 'Context too long',
	broken_arguments: 'Tool arguments that are no JSON',
	unfitting_arguments: 'Tool arguments that do not fit',
	unknown_tool: 'A tool that does not exist',
	cut_arguments: 'The body ends within a tool’s arguments',
};

/** The parts of the docs' page that are made from the results, by the names of their markers. */
export function partsOf(all: Results): Readonly<Record<string, string>> {
	const results = all.results.toSorted((a, b) => place(a) - place(b));
	const ofMain = results.filter(
		({ first, next }) => first === mainPair.first && (next === '' || next === mainPair.next),
	);
	return {
		measured: measured(all),
		sums: sums(results, all.plugs),
		moves: moves(results, all.plugs),
		cells: everyCell(ofMain, all.plugs),
		acts: acts(ofMain, all.plugs),
		readings: readings(ofMain),
	};
}

type Plugs = Results['plugs'];

/** In the order of the contenders, whole replies before streamed ones, and then as the faults are named. */
function place({ first, next, plug, streamed, fault, task, turn }: Result): number {
	const contender = contenders.findIndex(
		(known) => known.first === first && known.next === next && known.plug.id === plug,
	);
	const ofFault = Object.keys(faultNames).indexOf(fault) * 4 + (task === 'book' ? 2 : 0) + (turn === 'second' ? 1 : 0);
	return (contender * 2 + (streamed ? 1 : 0)) * 1000 + ofFault;
}

function measured({ n8n, measured: date, limitSeconds, results }: Results): string {
	const runs = `${results.length} runs`;
	return `Measured on ${date} in n8n ${n8n}, ${runs}. One that has not ended after ${limitSeconds} s hangs.`;
}

/** How each contender that went through every fault fared. */
function sums(results: readonly Result[], plugs: Plugs): string {
	const isWhole = ({ first, next, plug }: Result) =>
		results.some((one) => one.first === first && one.next === next && one.plug === plug && one.fault === 'hang');
	const groups = groupedBy(results.filter(isWhole), ({ first, next, plug, streamed }) => [first, next, plug, streamed]);
	const rows = groups.map((group) => {
		const counts = verdicts.map((verdict) => group.filter((result) => result.verdict === verdict).length);
		const acted = group.filter((result) => result.acted !== undefined).length;
		const { plug, streamed } = group[0];
		return [
			models(group[0]),
			titleOf(plug, plugs),
			delivery(streamed),
			...[group.length, ...counts, acted].map(String),
		];
	});
	const head = ['Models', 'How', 'Reply', 'Runs', 'Right', 'Wrong', 'Error', 'Hang', 'Ran a call that nobody meant'];
	return markdown([head, ...rows]);
}

/** What becomes of a conversation that another vendor must go on with, after the tool has answered. */
function moves(results: readonly Result[], plugs: Plugs): string {
	const moved = results.filter(({ fault, turn, next }) => fault === 'overloaded' && turn === 'second' && next !== '');
	const rows = groupedBy(moved, ({ first, next, plug }) => [first, next, plug]).map((group) => [
		models(group[0]),
		titleOf(group[0].plug, plugs),
		...[false, true].map((streamed) => cell(group.find((result) => result.streamed === streamed))),
		group.flatMap(({ objections = [] }) => objections)[0] ?? '',
	]);
	return markdown([['Models', 'How', 'whole', 'streamed', 'Turned down by'], ...rows]);
}

/** Every cell, each way of running it in a column of its own. */
function everyCell(results: readonly Result[], plugs: Plugs): string {
	const columns = groupedBy(results, ({ plug, streamed }) => [plug, streamed]).map((group) => group[0]);
	const isIn = (result: Result, column: Result) => result.plug === column.plug && result.streamed === column.streamed;
	const rows = groupedBy(results, ({ fault, task, turn }) => [fault, task, turn]).map((row) => {
		const { fault, task, turn } = row[0];
		const name = faultNames[fault] + (task === 'book' ? ', with a tool that writes' : '');
		return [name, turn, ...columns.map((column) => cell(row.find((result) => isIn(result, column))))];
	});
	const head = columns.map(({ plug, streamed }) => `${titleOf(plug, plugs)}, ${delivery(streamed)}`);
	return markdown([['What happens', 'Turn', ...head], ...rows]);
}

function cell(result: Result | undefined): string {
	if (result === undefined) return '–';
	const { verdict, why, seconds, calls, paid } = result;
	const called = Object.values(calls).reduce((sum, count) => sum + count, 0);
	const what = verdict === 'wrong' ? `**wrong** (${why ?? ''})` : verdict;
	return `${what}, ${seconds.toFixed(1)} s, ${called} ${called === 1 ? 'call' : 'calls'}, ${paid} paid`;
}

/** What tools did with calls that their model did not finish, or did not mean so. */
function acts(results: readonly Result[], plugs: Plugs): string {
	const rows = results.flatMap(({ acted = [], plug, fault, turn, streamed, read }) => {
		const happened = `${faultNames[fault]}, ${turn} turn`;
		return acted.map((act) => [titleOf(plug, plugs), delivery(streamed), happened, `\`${act}\``, read]);
	});
	return markdown([['How', 'Reply', 'What happened', 'What the tool did', 'What the caller read'], ...rows]);
}

/** What the caller reads when a run fails, beside what the execution says. */
function readings(results: readonly Result[]): string {
	const failed = results.filter(({ verdict }) => verdict === 'error');
	const rows = groupedBy(failed, ({ streamed, read, why }) => [streamed, read, why]).map((group) => {
		const { streamed, read, why = '' } = group[0];
		return [delivery(streamed), `\`${read}\``, `\`${why}\``, String(group.length)];
	});
	return markdown([['Reply', 'What the caller reads', 'What the execution says', 'Runs'], ...rows]);
}

function models({ first, next }: Result): string {
	return next === '' ? modelName(first) : `${modelName(first)} → ${modelName(next)}`;
}

function titleOf(plug: string, plugs: Plugs): string {
	return plugs[plug] ?? plug;
}

function delivery(streamed: boolean): string {
	return streamed ? 'streamed' : 'whole';
}

type Group = readonly [Result, ...Result[]];

/** Groups in the order of their first results. */
function groupedBy(results: readonly Result[], parts: (result: Result) => readonly unknown[]): readonly Group[] {
	return [...Map.groupBy(results, (result) => JSON.stringify(parts(result))).values()] as unknown as readonly Group[];
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) =>
		`| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
