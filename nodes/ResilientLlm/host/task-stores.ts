import { createHash } from 'node:crypto';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { CircuitBreakers } from '../engine/limits/circuit-breaker';
import type { CircuitStore } from '../engine/store/circuit-store';
import { createOwedWrites, type OwedWrites } from '../engine/store/owed-writes';
import { createSharedCircuitBreakers } from '../engine/limits/shared-circuit-breakers';
import type { TaskStore } from '../engine/store/task-store';
import type { RealStoreKind } from '../tasks/task-parameters';
import { circuitBreakers } from './circuit-breakers';
import { systemClock } from './clock';
import { readCredential, type CredentialSource } from './credentials';
import { embeddedStorePlaces, n8nFolder } from './n8n-folder';
import { createStoreNotices, type StoreNotices } from './store-notices';

export const storeCredentialTypes = {
	redis: { type: 'resilientLlmRedisApi', label: 'Resilient LLM Redis' },
	postgres: { type: 'resilientLlmPostgresApi', label: 'Resilient LLM PostgreSQL' },
} as const;

/** A store that is ready to be used, and the circuit breakers that go with it. */
export interface OpenTaskStore {
	readonly tasks: TaskStore;
	/** Writes of this process that the store has not confirmed; they are retried in the background. */
	readonly owed: OwedWrites;
	readonly notices: StoreNotices;
	/** The circuit breakers. Shared with other processes if the store is in Redis or PostgreSQL. */
	readonly breakers: CircuitBreakers;
}

export type StoreAccess =
	| ({ readonly kind: 'open' } & OpenTaskStore)
	| { readonly kind: 'denied'; readonly why: string; readonly advice: string };

/** One client per store and process, whichever node or execution asks. */
const open = new Map<string, Promise<OpenTaskStore>>();

/**
 * Returns the store that a node is configured to use. Does not connect yet: if the store cannot be reached, its first
 * operation rejects.
 */
export async function openTaskStore(
	kind: RealStoreKind,
	source: CredentialSource,
	itemIndex?: number,
): Promise<StoreAccess> {
	if (kind === 'embedded') return { kind: 'open', ...(await openOnce('embedded', embeddedStore)) };
	const { type, label } = storeCredentialTypes[kind];
	if (source.getNode().credentials?.[type] === undefined) {
		return {
			kind: 'denied',
			why: 'The task store has no credential',
			advice: `Choose or create a "${label}" credential in this node.`,
		};
	}
	const credential = await readCredential(source, type, itemIndex);
	if ('why' in credential) {
		return {
			kind: 'denied',
			why: `The credential of the task store cannot be read: ${credential.why}`,
			advice: `Open the "${label}" credential and save it again.`,
		};
	}
	const key = createHash('sha256')
		.update(JSON.stringify([kind, credential.data]))
		.digest('hex');
	return { kind: 'open', ...(await openOnce(key, async () => await sharedStore(kind, credential.data))) };
}

/** The store that a node with this credential would use, for a connection test. The caller must close it. */
export async function connectTaskStore(
	kind: 'redis' | 'postgres',
	data: ICredentialDataDecryptedObject,
): Promise<TaskStore> {
	return (await connect(kind, data, createStoreNotices())).tasks;
}

async function openOnce(key: string, make: () => Promise<OpenTaskStore>): Promise<OpenTaskStore> {
	const opened = open.get(key) ?? make();
	open.set(key, opened);
	return await opened;
}

async function embeddedStore(): Promise<OpenTaskStore> {
	const { createEmbeddedTaskStore } = await import('../stores/embedded/embedded');
	const notices = createStoreNotices();
	const tasks = createEmbeddedTaskStore({ ...embeddedStorePlaces(n8nFolder()), tell: notices.tell });
	return { tasks, owed: createOwedWrites(systemClock), notices, breakers: circuitBreakers };
}

async function sharedStore(kind: 'redis' | 'postgres', data: ICredentialDataDecryptedObject): Promise<OpenTaskStore> {
	const notices = createStoreNotices();
	const { tasks, circuits } = await connect(kind, data, notices);
	const breakers = createSharedCircuitBreakers(circuits, systemClock);
	return { tasks, owed: createOwedWrites(systemClock), notices, breakers };
}

async function connect(
	kind: 'redis' | 'postgres',
	data: ICredentialDataDecryptedObject,
	{ tell }: StoreNotices,
): Promise<{ readonly tasks: TaskStore; readonly circuits: CircuitStore }> {
	const server = {
		host: textOf(data.host),
		port: Number(data.port),
		password: textOf(data.password),
		...(data.ssl === true && { tls: { verify: data.ignoreSslIssues !== true } }),
	};
	if (kind === 'redis') {
		const [{ connectRedis }, { redisTaskStoreOn }, { redisCircuitStoreOn }] = await Promise.all([
			import('../stores/redis/connection'),
			import('../stores/redis/redis'),
			import('../stores/redis/circuits'),
		]);
		const connection = connectRedis({
			...server,
			username: textOf(data.username),
			database: Number(data.database ?? 0),
			keyPrefix: textOf(data.prefix),
		});
		return { tasks: redisTaskStoreOn(connection, undefined, tell), circuits: redisCircuitStoreOn(connection) };
	}
	const [{ connectPostgres }, { postgresTaskStoreOn }, { postgresCircuitStoreOn }] = await Promise.all([
		import('../stores/postgres/connection'),
		import('../stores/postgres/postgres'),
		import('../stores/postgres/circuits'),
	]);
	const connection = connectPostgres({
		...server,
		user: textOf(data.user),
		database: textOf(data.database),
		schema: textOf(data.schema),
	});
	return { tasks: postgresTaskStoreOn(connection), circuits: postgresCircuitStoreOn(connection) };
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}
