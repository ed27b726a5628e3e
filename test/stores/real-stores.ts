import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { StoreAddress } from './processes/store-address';
import { postgresSuperuser, redisIsHere, startPostgres, startRedis } from './servers';

type RealStoreKind = 'embedded' | 'redis' | 'postgres';

export const realStoreKinds: readonly RealStoreKind[] = redisIsHere
	? ['embedded', 'redis', 'postgres']
	: ['embedded', 'postgres'];

export interface RealStores {
	/** An empty store of this kind. */
	fresh(kind: RealStoreKind): StoreAddress;
	stop(): Promise<void>;
}

/** One server of each kind. `durable`: they write to the disk as in production. */
export async function startRealStores({ durable } = { durable: false }): Promise<RealStores> {
	const [folder, redis, postgres] = await Promise.all([
		mkdtemp(join(tmpdir(), 'embedded-store-')),
		redisIsHere ? startRedis(...(durable ? ['--appendonly', 'yes'] : [])) : undefined,
		startPostgres(...(durable ? ['-c', 'fsync=on'] : [])),
	]);
	return {
		fresh(kind) {
			const name = randomUUID();
			switch (kind) {
				case 'embedded':
					return { kind, file: join(folder, name, 'tasks.sqlite') };
				case 'redis':
					return { kind, host: '127.0.0.1', port: redis?.port ?? 0, username: '', password: '', keyPrefix: name };
				case 'postgres':
					return { kind, host: '127.0.0.1', port: postgres.port, ...postgresSuperuser, schema: name };
			}
		},
		async stop() {
			await Promise.all([redis?.stop(), postgres.stop(), rm(folder, { recursive: true })]);
		},
	};
}
