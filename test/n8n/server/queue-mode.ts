import { postgresSuperuser } from '../task-store/store-servers.ts';
import type { Environment } from './n8n-instance.ts';

/** Redis is n8n's queue, PostgreSQL its database; no two processes share a file. */
export function queueMode(redisPort: number, postgresPort: number): Environment {
	return {
		N8N_ENCRYPTION_KEY: 'the same for all processes',
		EXECUTIONS_MODE: 'queue',
		// At the end it would wait for executions of the killed worker.
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '1',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redisPort),
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgresPort),
		DB_POSTGRESDB_DATABASE: postgresSuperuser.database,
		DB_POSTGRESDB_USER: postgresSuperuser.user,
		DB_POSTGRESDB_PASSWORD: postgresSuperuser.password,
	};
}
