import { performance } from 'node:perf_hooks';
import type { Route } from '../../contenders/contender.ts';
import type { ProviderId, StoreKind } from '../../ours/node-context.ts';

export interface FirstUse {
	readonly provider: ProviderId;
	readonly store: StoreKind;
	readonly route: Route;
}

export interface UseTimes {
	readonly firstMs: number;
	readonly secondMs: number;
}

/**
 * The first and the second execution of the node in a fresh process, one item each. The node itself is loaded before.
 */
export default async function firstUse({ provider, store, route }: FirstUse): Promise<UseTimes> {
	const { ourNode } = await import('../../contenders/ours.ts');
	const caller = await ourNode(provider, store).open(route);
	const once = async () => {
		const start = performance.now();
		await caller.call('Hello');
		return performance.now() - start;
	};
	return { firstMs: await once(), secondMs: await once() };
}
