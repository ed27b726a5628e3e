import { createRequire } from 'node:module';
import { join } from 'node:path';
import { requireFreshDist } from '../../fresh-dist.mts';
import { checkout } from '../../n8n/install/checkout.ts';

/**
 * The built package, as a user's n8n would load it, and all that the bench knows of its inside. Whoever changes the
 * inside changes this file.
 */
requireFreshDist();
export const distFolder = join(checkout, 'dist');
const require = createRequire(join(checkout, 'package.json'));

export interface NodeContext {
	readonly [member: string]: unknown;
}

interface NodeItem {
	readonly json: Readonly<Record<string, unknown>>;
}

interface NodeType {
	readonly description: { readonly properties: readonly { readonly name: string; readonly default: unknown }[] };
	execute(this: NodeContext): Promise<readonly (readonly NodeItem[])[]>;
}

interface ChainAttempt {
	readonly outcome: string;
	readonly reason?: string;
}

interface ChainOutcome {
	readonly kind: string;
	readonly output?: unknown;
	readonly attempts: readonly ChainAttempt[];
}

interface AdapterProvider {
	complete(request: unknown, signal: AbortSignal): Promise<unknown>;
}

/** n8n's own files of the package: what its manifest lists. */
export function n8nFiles(): { readonly nodes: readonly string[]; readonly credentials: readonly string[] } {
	const { n8n } = require('./package.json') as { n8n: { nodes: readonly string[]; credentials: readonly string[] } };
	return {
		nodes: n8n.nodes.map((file) => join(checkout, file)),
		credentials: n8n.credentials.map((file) => join(checkout, file)),
	};
}

export function nodeType(): NodeType {
	const { ResilientLlm } = require('./dist/nodes/ResilientLlm/ResilientLlm.node.js') as {
		ResilientLlm: new () => NodeType;
	};
	return new ResilientLlm();
}

/** The engine and one adapter, with nothing of n8n around them. */
export function engine() {
	const inside = (path: string): unknown => require(`./dist/nodes/ResilientLlm/${path}`);
	const { runChain } = inside('engine/chain.js') as {
		runChain: (task: object, ports: object) => Promise<ChainOutcome>;
	};
	const { loadProvider } = inside('providers/vendors.js') as {
		loadProvider: (id: string, settings: object) => Promise<AdapterProvider>;
	};
	const { systemClock } = inside('host/clock.js') as { systemClock: { now(): number } };
	const { createCircuitBreakers } = inside('engine/limits/circuit-breaker.js') as {
		createCircuitBreakers: (clock: object) => object;
	};
	const { createRateLimitGates } = inside('engine/limits/rate-limit-gates.js') as {
		createRateLimitGates: (clock: object) => object;
	};
	const { conversationOf } = inside('engine/conversation.js') as { conversationOf: (prompt: object) => object };
	return { runChain, conversationOf, loadProvider, systemClock, createCircuitBreakers, createRateLimitGates };
}
