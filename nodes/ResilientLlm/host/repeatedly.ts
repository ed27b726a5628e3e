export interface Repetition {
	readonly firstAfterMs: number;
	/** Pause between the end of one run and the start of the next, in ms. */
	readonly everyMs: number;
	/**
	 * Called with the error of a run that failed, unless the run before failed with the same message. The runs go on
	 * regardless.
	 */
	readonly failed: (error: unknown) => void;
}

/**
 * Runs `work` again and again until the returned function is called. That also aborts the signal of a run in progress.
 */
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
