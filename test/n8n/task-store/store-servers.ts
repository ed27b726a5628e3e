import { join } from 'node:path';
import { checkout } from '../install/checkout.ts';

/** A server on a free port of this machine, with data of its own. */
export interface TestServer {
	readonly port: number;
	stop(): Promise<void>;
}

/** A TCP line to a server that can be made to fail: `cut` refuses connections, `silent` lets nothing through. */
export interface TcpProxy {
	readonly port: number;
	become(line: 'up' | 'cut' | 'silent'): void;
	/** The replies to the next requests that hold a text do not arrive. */
	loseReplies(requests: {
		readonly holding: string;
		readonly times: number;
		readonly connection: 'breaks' | 'goes silent';
	}): void;
	readonly lost: number;
	stop(): Promise<void>;
}

interface Servers {
	readonly postgresSuperuser: { readonly user: string; readonly password: string; readonly database: string };
	startRedis(...options: readonly string[]): Promise<TestServer>;
	startPostgres(...options: readonly string[]): Promise<TestServer>;
	freePort(): Promise<number>;
}

interface Lines {
	startTcpProxy(serverPort: number): Promise<TcpProxy>;
}

interface Stores {
	openStore(address: object): {
		list(query: {
			readonly states: readonly string[];
			readonly limit: number;
		}): Promise<{ readonly records: readonly { readonly identity: { readonly taskId: string } }[] }>;
		close(): Promise<void>;
	};
}

// Not plain imports: what the tests of the stores use is written for a bundler and does not compile under the settings
// here.
const storeTests = join(checkout, 'test', 'stores');
export const { freePort, postgresSuperuser, startPostgres, startRedis } = (await import(
	join(storeTests, 'servers.ts')
)) as Servers;
export const { startTcpProxy } = (await import(join(storeTests, 'tcp-proxy.ts'))) as Lines;

/** A text that every claim holds, and no other request. */
const { claimScript } = (await import(join(checkout, 'nodes', 'ResilientLlm', 'stores', 'redis', 'scripts.ts'))) as {
	claimScript: { readonly sha1: string };
};
export const textInClaims = { redis: claimScript.sha1, postgres: 'AS held (key' } as const;

interface Fixture {
	readonly facts: {
		readonly tasks: Readonly<Record<string, { readonly draft: string | null }>>;
		readonly links: Readonly<Record<string, { readonly embedded: readonly string[] }>>;
	};
	restoreEmbedded(file: string): void;
}

/** What version 0.1.0 left in its embedded store. */
export const fixture010 = (await import(join(storeTests, 'fixtures', '0.1.0', 'restore.ts'))) as Fixture;

const { openStore } = (await import(join(storeTests, 'processes', 'store-address.ts'))) as Stores;

const moreThanEnough = 10_000;

/** The IDs of the tasks that a store has an answered record of. */
export async function answeredTasks(address: object): Promise<ReadonlySet<string>> {
	const store = openStore(address);
	try {
		const { records } = await store.list({ states: ['answered'], limit: moreThanEnough });
		return new Set(records.map(({ identity }) => identity.taskId));
	} finally {
		await store.close();
	}
}
