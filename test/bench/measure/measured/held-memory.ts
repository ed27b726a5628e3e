import { nodeSettings } from '../../contenders/ours.ts';
import type { Route } from '../../contenders/contender.ts';
import { openAiSdk } from '../../contenders/vendor-sdks.ts';
import { runNode, type InputItem, type StoreKind } from '../../ours/node-context.ts';
import { concurrently } from '../rounds.ts';

export interface MemoryRun {
	readonly contender: 'node' | 'sdk';
	readonly store: StoreKind;
	readonly route: Route;
	readonly payload: 'prompt' | 'image';
	/** Of each prompt or image. */
	readonly bytes: number;
	readonly items: number;
	readonly concurrency: number;
	/** The same items this often, the output of each run dropped before the next. */
	readonly runs: number;
}

export interface HeldMemory {
	/** The items and their answers as JSON, without what the output repeats of the input. In bytes. */
	readonly ownBytes: number;
	/** The most that was reachable at any of the moments looked at, over what was there before the items. In bytes. */
	readonly heldBytes: number;
	/** What each further item adds to what is reachable, between the first look and the last, in bytes. */
	readonly perItemBytes: number;
	/** The most that the process ever had, over what it had before the items. In bytes. */
	readonly rssBytes: number;
	/** What was reachable after each run, its input and output gone, in bytes. */
	readonly afterRuns: readonly number[];
	readonly seconds: number;
}

/** How often the heap is looked at during a run. */
const looks = 10;
const prompt = 'A customer writes: my amplifier arrived with a scratch on its front. May I send it back? ';

export default async function heldMemory(run: MemoryRun): Promise<HeldMemory> {
	await execute(run, itemsOf({ ...run, items: 50, bytes: 1000 }), () => undefined, 'warm-up');
	const before = reachable();
	const rssBefore = process.memoryUsage.rss();
	const afterRuns: number[] = [];
	let held = 0;
	let perItemBytes = 0;
	let ownBytes = 0;
	const start = performance.now();
	for (let round = 0; round < run.runs; round += 1) {
		let items: readonly InputItem[] | undefined = itemsOf(run);
		let ended = 0;
		const every = Math.ceil(run.items / looks);
		const seen: number[] = [];
		const look = () => {
			ended += 1;
			if (ended % every === 0 && ended < run.items) seen.push(reachable() - before);
		};
		let outputs: readonly unknown[] | undefined = await execute(run, items, look, `run-${round}`);
		held = Math.max(held, ...seen, reachable() - before);
		perItemBytes = ((seen.at(-1) ?? 0) - (seen[0] ?? 0)) / (every * (seen.length - 1));
		ownBytes = bytesOf(items) + bytesOf(outputs);
		items = undefined;
		outputs = undefined;
		await new Promise((resolve) => void setTimeout(resolve, 50));
		afterRuns.push(reachable());
	}
	const seconds = (performance.now() - start) / 1000;
	return {
		ownBytes,
		heldBytes: held,
		perItemBytes,
		rssBytes: process.resourceUsage().maxRSS * 1024 - rssBefore,
		afterRuns,
		seconds,
	};
}

/** What is left when all garbage is gone, in bytes. */
function reachable(): number {
	void globalThis.gc?.();
	void globalThis.gc?.();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

function itemsOf({ payload, bytes, items }: MemoryRun): readonly InputItem[] {
	return Array.from({ length: items }, (_, index): InputItem => {
		if (payload === 'image')
			return {
				json: { text: `What is in picture ${index}?` },
				binary: { image: { mimeType: 'image/png', data: 'filesystem-v2', id: `filesystem-v2:${index}` } },
			};
		// Written out once: a repeated string shares its parts, and no two items would hold anything of their own.
		return { json: { text: Buffer.alloc(bytes, `${index}: ${prompt}`).toString('latin1') } };
	});
}

async function execute(
	run: MemoryRun,
	items: readonly InputItem[],
	onItemEnd: () => void,
	executionId: string,
): Promise<readonly unknown[]> {
	if (run.contender === 'sdk') return await withSdk(run, items, onItemEnd);
	const { success } = await runNode({
		...nodeSettings('openAi', run.route),
		items,
		parameters: { taskStore: run.store, binaryFields: run.payload === 'image' ? 'image' : '' },
		options: { concurrency: run.concurrency },
		executionId,
		onItemEnd,
		// As n8n reads a file of its storage: fresh memory each time.
		readBinary: (itemIndex) => Buffer.alloc(run.bytes, itemIndex % 251),
	});
	if (success.length !== items.length) throw new Error(`${success.length} of ${items.length} items were answered`);
	return success;
}

/** The floor: a loop that keeps its answers. */
async function withSdk(
	{ route, concurrency }: MemoryRun,
	items: readonly InputItem[],
	onItemEnd: () => void,
): Promise<readonly unknown[]> {
	const { call } = await openAiSdk.open(route);
	const outputs: unknown[] = [];
	await concurrently(items.length, concurrency, async (index) => {
		await call(String(items[index]?.json['text']));
		outputs.push({ json: {} });
		onItemEnd();
	});
	return outputs;
}

function bytesOf(items: readonly unknown[]): number {
	let bytes = 0;
	for (const item of items)
		bytes += Buffer.byteLength(JSON.stringify(item, (key, value: unknown) => (key === 'input' ? undefined : value)));
	return bytes;
}
