import { mkdtemp, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../n8n/install/checkout.ts';

const sampleEveryUs = 100;
const sampleEveryBytes = 16_384;
const shownLines = 30;

interface Frame {
	readonly functionName: string;
	readonly url: string;
	readonly lineNumber: number;
}

/** One line of a reading: where, and how much of it there, without what it calls. */
interface Line {
	readonly where: string;
	readonly amount: number;
}

/**
 * Where the time and the memory of `calls` calls go. The profiles open in Chrome's developer tools; `text` is their
 * short form.
 */
export async function profile(
	name: string,
	calls: number,
	work: () => Promise<void>,
): Promise<{ readonly files: readonly string[]; readonly text: string }> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-profile-'));
	const session = new Session();
	session.connect();
	try {
		await session.post('Profiler.enable');
		await session.post('Profiler.setSamplingInterval', { interval: sampleEveryUs });
		await session.post('Profiler.start');
		await work();
		const { profile: time } = await session.post('Profiler.stop');
		await session.post('Profiler.disable');

		// Garbage counts too: what is asked for here is who makes it.
		await session.post('HeapProfiler.startSampling', {
			samplingInterval: sampleEveryBytes,
			includeObjectsCollectedByMajorGC: true,
			includeObjectsCollectedByMinorGC: true,
		});
		await work();
		const { profile: memory } = await session.post('HeapProfiler.stopSampling');

		const files = [join(folder, `${name}.cpuprofile`), join(folder, `${name}.heapprofile`)] as const;
		await writeFile(files[0], JSON.stringify(time));
		await writeFile(files[1], JSON.stringify(memory));
		const text = [
			...reading(`${name}: time, µs a call`, timeTree(time.nodes, time.samples ?? [], time.timeDeltas ?? []), calls),
			...reading(`${name}: memory, bytes a call`, memoryTree(memory.head), calls),
			'',
			...files,
		].join('\n');
		return { files, text };
	} finally {
		session.disconnect();
	}
}

/** A call tree: what each function took by itself at each place of the tree. */
interface Tree {
	readonly frame: Frame;
	readonly own: number;
	readonly children: readonly Tree[];
}

function timeTree(
	nodes: readonly {
		readonly id: number;
		readonly callFrame: Frame;
		readonly children?: readonly number[] | undefined;
	}[],
	samples: readonly number[],
	deltas: readonly number[],
): Tree {
	const own = new Map<number, number>();
	samples.forEach((id, index) => own.set(id, (own.get(id) ?? 0) + (deltas[index] ?? 0)));
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const tree = (id: number): Tree => {
		const node = byId.get(id);
		if (node === undefined) throw new Error('The profile names a node that it does not have');
		return {
			frame: node.callFrame,
			own: node.callFrame.functionName === '(idle)' ? 0 : (own.get(id) ?? 0),
			children: (node.children ?? []).map(tree),
		};
	};
	return tree(nodes[0]?.id ?? 0);
}

interface HeapNode {
	readonly callFrame: Frame;
	readonly selfSize: number;
	readonly children: readonly HeapNode[];
}

function memoryTree({ callFrame, selfSize, children }: HeapNode): Tree {
	return { frame: callFrame, own: selfSize, children: children.map(memoryTree) };
}

function reading(title: string, tree: Tree, calls: number): readonly string[] {
	const own = ownLines(tree);
	const total = own.reduce((sum, { amount }) => sum + amount, 0);
	const section = (words: string, all: readonly Line[]) => [`\n${title}, ${words}`, ...lines(all, total, calls)];
	return [
		`\n${title}: ${(total / calls).toFixed(1)}`,
		...section(
			'by package, without what it calls',
			own.map(({ where, amount }) => ({ where: packageOf(where), amount })),
		),
		...section('by function, without what it calls', own),
		...section(
			'by function of this package, with what it calls before it first awaits',
			inclusiveLines(tree, new Set()),
		),
	];
}

function ownLines({ frame, own, children }: Tree): readonly Line[] {
	return [{ where: shownFrame(frame), amount: own }, ...children.flatMap(ownLines)];
}

/** A function that calls itself counts once. */
function inclusiveLines(tree: Tree, above: ReadonlySet<string>): readonly Line[] {
	const where = shownFrame(tree.frame);
	const isOurs = where.includes('  dist/');
	const own = isOurs && !above.has(where) ? [{ where, amount: sumOf(tree) }] : [];
	const within = isOurs ? new Set([...above, where]) : above;
	return [...own, ...tree.children.flatMap((child) => inclusiveLines(child, within))];
}

function sumOf({ own, children }: Tree): number {
	return children.reduce((sum, child) => sum + sumOf(child), own);
}

function lines(all: readonly Line[], total: number, calls: number): readonly string[] {
	const sums = new Map<string, number>();
	for (const { where, amount } of all) sums.set(where, (sums.get(where) ?? 0) + amount);
	const most = [...sums].toSorted(([, one], [, other]) => other - one).slice(0, shownLines);
	return most.map(
		([where, amount]) =>
			`${(amount / calls).toFixed(1).padStart(9)}  ${((100 * amount) / total).toFixed(1).padStart(5)} %  ${where}`,
	);
}

function packageOf(where: string): string {
	const file = where.split('  ')[1];
	if (file === undefined) return where.startsWith('(') ? where : 'V8 and Node.js, natively';
	if (file.startsWith('node:internal/deps/undici')) return 'fetch, Headers, Response of Node.js';
	if (file.startsWith('node:')) return 'Node.js';
	if (file.startsWith('dist/')) return `this package, ${file.split('/')[3] ?? ''}`;
	if (file.startsWith('test/')) return 'the bench itself';
	return file
		.split('/')
		.slice(0, file.startsWith('@') ? 2 : 1)
		.join('/');
}

const root = pathToFileURL(`${checkout}/`).href;

function shownFrame(frame: Frame | undefined): string {
	if (frame === undefined) return '(unknown)';
	const name = frame.functionName || '(anonymous)';
	if (frame.url === '') return name;
	const file = frame.url
		.replace(root, '')
		.replace(`${checkout}/`, '')
		.replace(/^.*\/node_modules\//, '');
	return `${name}  ${file}:${frame.lineNumber + 1}`;
}
