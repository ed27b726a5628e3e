import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installN8n, type N8nProgram } from '../install/n8n-install.ts';
import { newestN8n, type N8nVersion } from '../install/n8n-versions.ts';
import { installPackage } from '../install/package-install.ts';
import { freePorts } from './free-ports.ts';
import { owner } from './owner.ts';
import { endGroup, endWithThisProcess } from './process-group.ts';
import { setUpOwner } from './version-differences.ts';

const startWithinMs = 240_000;
const pollMs = 200;

export type Environment = Readonly<Record<string, string>>;

export interface InstanceOptions {
	/** n8n keeps everything in its `.n8n` folder below this one. */
	readonly userFolder: string;
	/** Where the editor answers; any free port when left out. */
	readonly port?: number;
	/** On top of the defaults, for every process of this instance. */
	readonly environment?: Environment;
	/** The newest one when left out. */
	readonly version?: N8nVersion;
}

/** One real n8n with this package in it: a user folder, and the processes that work on it. */
export class N8nInstance {
	readonly url: string;
	readonly logFile: string;
	readonly version: N8nVersion;
	private readonly program: N8nProgram;
	private readonly userFolder: string;
	private readonly environment: Environment;
	private readonly processes = new Set<ChildProcess>();

	private constructor(
		program: N8nProgram,
		version: N8nVersion,
		userFolder: string,
		environment: Environment,
		port: number,
	) {
		this.program = program;
		this.version = version;
		this.userFolder = userFolder;
		this.environment = environment;
		this.url = `http://127.0.0.1:${port}`;
		this.logFile = join(userFolder, 'n8n.log');
	}

	/** Gets n8n and puts the built package into it. Starts nothing. */
	static async prepare(options: InstanceOptions): Promise<N8nInstance> {
		const { version = newestN8n } = options;
		const program = await installN8n(version);
		await mkdir(options.userFolder, { recursive: true });
		await installPackage(join(options.userFolder, '.n8n'));
		const [anyPort = 0] = await freePorts(1);
		const port = options.port ?? anyPort;
		const environment = { ...defaults(program.nodeFolder, options.userFolder, port), ...options.environment };
		return new N8nInstance(program, version, options.userFolder, environment, port);
	}

	/**
	 * Starts the server and resolves when its editor and its REST API answer. What it gives resolves when the server has
	 * ended.
	 */
	async start(): Promise<{ ended: Promise<void> }> {
		const server = await this.launch(['start']);
		const ended = new Promise<void>((resolve) => void server.once('exit', () => resolve()));
		const startedAt = Date.now();
		while (!(await this.answers())) {
			if (server.exitCode !== null || server.signalCode !== null)
				throw new Error(`n8n ended while it started:\n${await this.logTail()}`);
			if (Date.now() - startedAt > startWithinMs)
				throw new Error(`n8n did not answer within ${startWithinMs / 1000} s:\n${await this.logTail()}`);
			await sleep(pollMs);
		}
		await setUpOwner(this.version, this.url);
		return { ended };
	}

	/**
	 * Runs one n8n command on this instance's database, for example `import:workflow`, and gives what it printed to
	 * stdout.
	 */
	async command(commandArguments: readonly string[], environment: Environment = {}): Promise<string> {
		const child = await this.launch(commandArguments, environment);
		let stdout = '';
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
		});
		const exitCode = await new Promise<number | null>((resolve) => void child.once('close', resolve));
		if (exitCode !== 0)
			throw new Error(`"n8n ${commandArguments.join(' ')}" ended with ${String(exitCode)}:\n${await this.logTail()}`);
		return stdout;
	}

	/** Ends every process of this instance. */
	async stop(): Promise<void> {
		await Promise.all([...this.processes].map(endGroup));
	}

	/** Starts an n8n process, for example a worker in queue mode, that `stop` ends. */
	async launch(commandArguments: readonly string[], environment: Environment = {}): Promise<ChildProcess> {
		// A process of its own needs a broker of its own, or two that run side by side fight for one port.
		const [brokerPort = 0] = await freePorts(1);
		const child = spawn('node', [this.program.script, ...commandArguments], {
			cwd: this.userFolder,
			env: { N8N_RUNNERS_BROKER_PORT: String(brokerPort), ...this.environment, ...environment },
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
		});
		endWithThisProcess(child);
		this.processes.add(child);
		child.once('exit', () => void this.processes.delete(child));
		const log = createWriteStream(this.logFile, { flags: 'a' });
		child.stdout.pipe(log);
		child.stderr.pipe(log);
		return child;
	}

	private async answers(): Promise<boolean> {
		try {
			const response = await fetch(`${this.url}/rest/settings`, { signal: AbortSignal.timeout(5_000) });
			return response.ok && (response.headers.get('content-type') ?? '').includes('json');
		} catch {
			return false;
		}
	}

	private async logTail(): Promise<string> {
		const log = await readFile(this.logFile, 'utf8').catch(() => '');
		return log.trimEnd().split('\n').slice(-30).join('\n');
	}
}

/**
 * Nothing of the caller's environment gets in except what programs need to run at all: no proxy, no vendor key, no
 * other n8n's settings.
 */
function defaults(nodeFolder: string, userFolder: string, port: number): Environment {
	return {
		PATH: `${nodeFolder}${delimiter}${process.env['PATH'] ?? ''}`,
		HOME: userFolder,
		LANG: process.env['LANG'] ?? 'C.UTF-8',
		TZ: 'UTC',
		N8N_USER_FOLDER: userFolder,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_EDITOR_BASE_URL: `http://127.0.0.1:${port}`,
		N8N_WEBHOOK_URL: `http://127.0.0.1:${port}`,
		N8N_SECURE_COOKIE: 'false',
		N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
		N8N_INSTANCE_OWNER_EMAIL: owner.email,
		N8N_INSTANCE_OWNER_PASSWORD_HASH: owner.passwordHash,
		N8N_INSTANCE_OWNER_FIRST_NAME: owner.firstName,
		N8N_INSTANCE_OWNER_LAST_NAME: owner.lastName,
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		// n8n would look all of these up on the internet.
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
	};
}
