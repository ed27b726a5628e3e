import type { Report, Row, Table, Target, Value } from './result.ts';
import { middle, number } from './text-table.ts';

/** One column of the comparison: which table of the report, which rows in it, which of its values. */
interface Measure {
	readonly title: string;
	readonly table: string;
	readonly value: (row: Row) => string;
	/** Whose row it is, where the table names it otherwise. */
	readonly rowOf?: Readonly<Record<string, string>>;
}

const of = (key: string, digits: number, unit: string) => (row: Row) => withUnit(row.values[key], digits, unit);

/** Both tables that run many items name our node by its batch. */
const batches = { 'ours-node-none': 'ours-batch-none', 'ours-node-embedded': 'ours-batch-embedded' };

const measures: readonly Measure[] = [
	{ title: 'Added to a call', table: 'overhead-openAi', value: of('added', 0, 'µs'), rowOf: batches },
	{ title: 'CPU of a call', table: 'overhead-openAi', value: of('cpu', 0, 'µs'), rowOf: batches },
	{
		title: '1,000 items at 200 ms, 50 at once',
		table: 'throughput-1000-50',
		value: of('seconds', 1, 's'),
		rowOf: batches,
	},
	{
		title: 'First provider hangs: 50th task, above the fallback alone',
		table: 'failover-hang',
		value: of('last', 1, 'ms'),
	},
	{
		title: '100 items at once, 10 a second: answered, refused, time',
		table: 'rate-limit',
		value: rateLimitCell,
		rowOf: batches,
	},
];

const contenders: readonly { readonly id: string; readonly name: (report: Report) => string }[] = [
	{ id: 'openai-sdk', name: ({ versions }) => `openai SDK ${versions['openai'] ?? ''} alone` },
	{ id: 'ours-engine', name: () => '**Resilient LLM**, its chain alone' },
	{ id: 'ours-node-none', name: () => '**Resilient LLM**, the whole node, without a store' },
	{ id: 'ours-node-embedded', name: () => '**Resilient LLM**, the whole node, embedded store' },
	{ id: 'cockatiel', name: ({ versions }) => `cockatiel ${versions['cockatiel'] ?? ''} around the SDK` },
	{ id: 'ai-sdk', name: ({ versions }) => `AI SDK ${versions['ai'] ?? ''} + ai-retry ${versions['ai-retry'] ?? ''}` },
	{
		id: 'langchain',
		name: ({ versions }) => `LangChain ${versions['@langchain/openai'] ?? ''} withRetry + withFallbacks`,
	},
	{ id: 'portkey', name: ({ versions }) => `Portkey gateway ${versions['@portkey-ai/gateway'] ?? ''}` },
];

/** Every contender beside the others, for the README. */
export function comparisonTable(report: Report): string {
	const tables = new Map(tablesOf(report).map((table) => [table.id, table]));
	const rows = contenders.map(({ id, name }) => [
		name(report),
		...measures.map(({ table, value, rowOf }) => {
			const row = tables.get(table)?.rows.find((candidate) => candidate.id === (rowOf?.[id] ?? id));
			return row === undefined ? '–' : value(row);
		}),
	]);
	return markdown([['', ...measures.map(({ title }) => title)], ...rows]);
}

/** The same inside n8n. */
export function n8nTable(report: Report): string {
	const table = tablesOf(report).find(({ id }) => id === 'n8n');
	return markdown([
		['Inside n8n', 'Time'],
		...(table?.rows ?? []).map((row) => [row.label, withUnit(row.values['seconds'], 2, 's')]),
	]);
}

/** What was promised, and what came out: kept or not. */
export function targetsTable(report: Report): string {
	const row = ({ promise, measured, met }: Target) => [promise, measured, met ? 'yes' : '**no**'];
	return markdown([['Target', 'Measured', 'Met'], ...report.scenarios.flatMap(({ targets }) => targets.map(row))]);
}

/** How many targets were kept, and each that was not. */
export function missedTargets({ scenarios }: Report): string {
	const targets = scenarios.flatMap((scenario) => scenario.targets);
	const missed = targets.filter(({ met }) => !met);
	return [
		`${targets.length - missed.length} of ${targets.length} targets were met.${missed.length > 0 ? ' Not met:\n' : ''}`,
		...missed.map(({ promise, measured }) => `- ${promise}: ${measured}`),
	].join('\n');
}

/** Where the numbers come from, in one sentence. */
export function measuredOn({ date, commit, machine, quick }: Report): string {
	const { cpu, cores, memoryGb, node, platform, loadAverage } = machine;
	const worth = quick ? ' A quick run: these numbers are worth little.' : '';
	return `Measured on ${date.slice(0, 10)} at ${commit}: ${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node.js ${node}, load average ${number(loadAverage[0] ?? Number.NaN, 2)} before it began.${worth}`;
}

function tablesOf({ scenarios }: Report): readonly Table[] {
	return scenarios.flatMap(({ tables }) => tables);
}

function rateLimitCell({ values }: Row): string {
	return `${number(middle(values['answered']), 0)}, ${number(middle(values['refused']), 0)}, ${withUnit(values['seconds'], 1, 's')}`;
}

function withUnit(value: Value | undefined, digits: number, unit: string): string {
	const plain = middle(value);
	return Number.isFinite(plain) ? `${number(plain, digits)} ${unit}` : '–';
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
