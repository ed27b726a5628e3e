/** Says what went wrong and why, for a person who did not write this program, and lets the process end as failed. */
export function reportFailure(error: unknown): void {
	for (let cause: unknown = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
		process.stderr.write(`\n${cause instanceof Error ? cause.message : String(cause)}\n`);
	}
	process.exitCode = 1;
}
