import type { TaskStore } from '../../../nodes/ResilientLlm/engine/store/task-store';
import { createEmbeddedTaskStore } from '../../../nodes/ResilientLlm/stores/embedded/embedded';
import { createPostgresTaskStore } from '../../../nodes/ResilientLlm/stores/postgres/postgres';
import { createRedisTaskStore } from '../../../nodes/ResilientLlm/stores/redis/redis';
import type { PostgresSettings } from '../../../nodes/ResilientLlm/stores/postgres/connection';
import type { RedisSettings } from '../../../nodes/ResilientLlm/stores/redis/connection';

/** A store that several processes may open, as plain data. */
export type StoreAddress =
	| { readonly kind: 'embedded'; readonly file: string }
	| ({ readonly kind: 'redis' } & Omit<RedisSettings, 'clockShiftMs'>)
	| ({ readonly kind: 'postgres' } & Omit<PostgresSettings, 'clockShiftMs'>);

export function openStore(address: StoreAddress, clockShiftMs = () => 0): TaskStore {
	switch (address.kind) {
		case 'embedded':
			return createEmbeddedTaskStore({ file: address.file, clock: { now: () => Date.now() + clockShiftMs() } });
		case 'redis':
			return createRedisTaskStore({ ...address, clockShiftMs });
		case 'postgres':
			return createPostgresTaskStore({ ...address, clockShiftMs });
	}
}
