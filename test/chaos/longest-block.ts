/**
 * The longest time, in ms, for which this thread worked without letting anything else have a turn. It is CPU time: what
 * a busy machine gives to others does not count.
 */
export async function longestBlockMs(work: () => Promise<unknown>): Promise<number> {
	let longest = 0;
	let before = process.threadCpuUsage();
	const look = () => {
		const { user, system } = process.threadCpuUsage(before);
		longest = Math.max(longest, (user + system) / 1000);
		before = process.threadCpuUsage();
	};
	const timer = setInterval(look, 1);
	await work();
	clearInterval(timer);
	look();
	return longest;
}
