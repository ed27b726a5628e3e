import { LoggerProxy } from 'n8n-workflow';

/** The oldest Node.js version that all dependencies support; undici needs it. The same as `engines` in package.json. */
export const oldestNode = '22.19';

/**
 * The message for users when n8n runs on a Node.js that is too old; undefined when it is new enough. Without this check
 * every call would fail as "unreachable", and every task would go to a human.
 */
export function nodeVersionProblem(running = process.versions.node): string | undefined {
	if (isAtLeast(running, oldestNode)) return undefined;
	return `Resilient LLM needs Node.js ${oldestNode} or later, but this n8n runs on Node.js ${running}: update Node.js, or use a current Docker image of n8n.`;
}

/** Also writes the message into n8n's log; called once when n8n starts. */
export function warnOfOldNode(): void {
	const problem = nodeVersionProblem();
	if (problem !== undefined) LoggerProxy.error(problem);
}

function isAtLeast(running: string, wanted: string): boolean {
	const [major = 0, minor = 0] = running.split('.').map(Number);
	const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
	return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
