import { monitorEventLoopDelay } from 'node:perf_hooks';

import { hour } from '../samples';
import { openStore, type StoreAddress } from './store-address';

export interface ReportTimes {
	readonly lines: number;
	readonly totalMs: number;
	/** What this process computed meanwhile, in ms: the same on a busy machine. */
	readonly cpuMs: number;
	readonly slowestSliceMs: number;
	/** Longest time in which the event loop did nothing else. */
	readonly longestBlockMs: number;
	/** Of memory since the process was ready, at its peak within this report. */
	readonly rssGrowthMb: number;
}

/** Asks what a report over the 24 hours before an instant asks, those before it for the trend included, three times. */
const [address, until] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as unknown) as [
	StoreAddress,
	number,
];
const store = openStore(address);
await store.get('warm up');
const rss = process.memoryUsage().rss;
const reports: ReportTimes[] = [];
for (let round = 0; round < 3; round++) reports.push(await report());
process.send?.(reports, () => process.exit());

async function report(): Promise<ReportTimes> {
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	const start = performance.now();
	const cpu = process.cpuUsage();
	let [lines, slowestSliceMs, peakRss] = [0, 0, 0];
	for (let from = until - 48 * hour; from < until; from += hour) {
		const sliceStart = performance.now();
		for (const sum of await store.tally({ from, to: from + hour })) lines += sum.lines;
		slowestSliceMs = Math.max(slowestSliceMs, performance.now() - sliceStart);
		peakRss = Math.max(peakRss, process.memoryUsage().rss);
		await new Promise((resolve) => setImmediate(resolve));
	}
	const totalMs = performance.now() - start;
	const { user, system } = process.cpuUsage(cpu);
	delay.disable();
	return {
		lines,
		totalMs,
		cpuMs: (user + system) / 1000,
		slowestSliceMs,
		longestBlockMs: delay.max / 1e6,
		rssGrowthMb: (peakRss - rss) / 2 ** 20,
	};
}
