import { LoggerProxy } from 'n8n-workflow';

/** The oldest Node.js that all dependencies run on: undici asks for it. `engines` in package.json says the same. */
export const oldestNode = '22.19';

/**
 * What a person reads when this n8n's Node.js is too old; undefined when it is not. Without this check every call would
 * fail as "unreachable", and every task would go to a human.
 */
export function nodeVersionProblem(running = process.versions.node): string | undefined {
	if (isAtLeast(running, oldestNode)) return undefined;
	return `Resilient LLM needs Node.js ${oldestNode} or later, but this n8n runs on Node.js ${running}: update Node.js, or use a current Docker image of n8n.`;
}

/** Says so in n8n's log as well, once, when n8n starts. */
export function warnOfOldNode(): void {
	const problem = nodeVersionProblem();
	if (problem !== undefined) LoggerProxy.error(problem);
}

function isAtLeast(running: string, wanted: string): boolean {
	const [major = 0, minor = 0] = running.split('.').map(Number);
	const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
	return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
