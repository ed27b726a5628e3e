import { spawnSync } from 'node:child_process';

/**
 * Whether a program that no npm package brings can be used. In CI the answer is yes: a suite that lacks its program
 * fails there. On a developer's machine it is left out, and said so, because `npm install && npm test` needs Node and
 * npm only.
 */
export function hasProgram(program: string): boolean {
	if (process.env['CI'] === 'true') return true;
	return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
