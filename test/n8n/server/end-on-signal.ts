import { endAllGroups } from './process-group.ts';

let asked = false;

/** True once this process was told to end. */
export function askedToEnd(): boolean {
	return asked;
}

// Ctrl-C and a polite kill end what this process started, then the process itself. Whoever presses Ctrl-C again does
// not want to wait.
for (const [signal, exitCode] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const) {
	process.on(signal, () => {
		if (asked) process.exit(exitCode);
		asked = true;
		void endAllGroups().finally(() => process.exit(exitCode));
	});
}
