export interface Repetition {
	readonly firstAfterMs: number;
	/** From the end of one to the start of the next. */
	readonly everyMs: number;
	/** Told why one failed, unless the one before failed in the same words. The next one comes all the same. */
	readonly failed: (error: unknown) => void;
}

/** Does something again and again until it is stopped. What is under way then learns of it through the signal. */
export function repeatedly(
	work: (stopped: AbortSignal) => Promise<void>,
	{ firstAfterMs, everyMs, failed }: Repetition,
): () => void {
	const stopping = new AbortController();
	let trouble: string | undefined;
	let timer = setTimeout(workOnce, firstAfterMs);
	return () => {
		stopping.abort();
		clearTimeout(timer);
	};

	function workOnce(): void {
		void work(stopping.signal)
			.then(() => (trouble = undefined), tell)
			.finally(() => {
				if (!stopping.signal.aborted) timer = setTimeout(workOnce, everyMs);
			});
	}

	function tell(error: unknown): void {
		if (String(error) !== trouble) failed(error);
		trouble = String(error);
	}
}
