import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { checkout } from '../../n8n/install/checkout.ts';

export interface StoreServer {
	readonly port: number;
	stop(): Promise<void>;
}

interface Servers {
	readonly redisIsHere: boolean;
	readonly postgresSuperuser: { readonly user: string; readonly password: string; readonly database: string };
	startRedis(...options: readonly string[]): Promise<StoreServer>;
	startPostgres(...options: readonly string[]): Promise<StoreServer>;
}

/** The real servers that the tests of the stores run on. */
export async function storeServers(): Promise<Servers> {
	// They are written for a bundler: their files import each other without an extension.
	const hooks = registerHooks({
		resolve(specifier, context, next) {
			const bare =
				specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true && !/\.\w+$/.test(specifier);
			const resolved = next(bare ? `${specifier}.ts` : specifier, context);
			return resolved.url.startsWith('file:') && resolved.url.endsWith('.ts')
				? { ...resolved, format: 'module-typescript' }
				: resolved;
		},
	});
	try {
		return (await import(join(checkout, 'test', 'stores', 'servers.ts'))) as Servers;
	} finally {
		hooks.deregister();
	}
}
