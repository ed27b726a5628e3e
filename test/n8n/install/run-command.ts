import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { delimiter } from 'node:path';
import { checkoutPrograms } from './checkout.ts';
import { endWithThisProcess } from '../server/process-group.ts';

const tailLines = 25;

export interface CommandOptions {
	readonly cwd: string;
	/** Everything the command prints goes here. */
	readonly logFile?: string;
}

/**
 * Runs a program on this checkout's Node 24 and gives what it printed to stdout. Its error carries the last lines.
 * npm in particular picks an older n8n without a word when it runs on an older Node.
 */
export async function runCommand(
	program: string,
	commandArguments: readonly string[],
	options: CommandOptions,
): Promise<string> {
	const child = spawn(program, commandArguments, {
		cwd: options.cwd,
		env: { ...process.env, PATH: `${checkoutPrograms}${delimiter}${process.env['PATH'] ?? ''}` },
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true,
	});
	const released = endWithThisProcess(child);
	const log = options.logFile ? createWriteStream(options.logFile, { flags: 'a' }) : undefined;
	log?.write(`$ ${program} ${commandArguments.join(' ')}\n`);
	let printed = '';
	let stdout = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
		printed += text;
		log?.write(text);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		printed += text;
		log?.write(text);
	});
	const exitCode = await new Promise<number | null>((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	}).finally(() => {
		released();
		log?.end();
	});
	if (exitCode !== 0) {
		const tail = printed.trimEnd().split('\n').slice(-tailLines).join('\n');
		throw new Error(
			`"${program} ${commandArguments.join(' ')}" ended with ${String(exitCode)} in ${options.cwd}:\n${tail}`,
		);
	}
	return stdout;
}
