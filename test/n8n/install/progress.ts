const lineEveryMs = 15_000;
const redrawEveryMs = 1_000;

/**
 * Runs `work` and shows for how long it has been running: one line kept up to date on a terminal, a new line now and
 * then in a log file. `detail` says how far it is.
 */
export async function showProgress<T>(
	title: string,
	work: () => Promise<T>,
	detail: () => string = () => '',
): Promise<T> {
	const startedAt = Date.now();
	const onTerminal = process.stderr.isTTY === true;
	const show = () => {
		const line = `${title} … ${elapsed(startedAt)} ${detail()}`.trimEnd();
		process.stderr.write(onTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
	};
	show();
	const timer = setInterval(show, onTerminal ? redrawEveryMs : lineEveryMs);
	try {
		const result = await work();
		process.stderr.write(`${onTerminal ? '\r\x1b[2K' : ''}${title}: done in ${elapsed(startedAt)}\n`);
		return result;
	} catch (error) {
		process.stderr.write(`${onTerminal ? '\r\x1b[2K' : ''}${title}: failed after ${elapsed(startedAt)}\n`);
		throw error;
	} finally {
		clearInterval(timer);
	}
}

function elapsed(startedAt: number): string {
	const seconds = Math.round((Date.now() - startedAt) / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
