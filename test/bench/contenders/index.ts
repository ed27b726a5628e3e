import type { Peers } from '../peers/install.ts';
import { aiSdk } from './ai-sdk.ts';
import { cockatiel } from './cockatiel.ts';
import type { Contender } from './contender.ts';
import { langChain } from './langchain.ts';
import { ourBatch, ourEngine, ourNode } from './ours.ts';
import { portkey } from './portkey.ts';
import { anthropicSdk, openAiSdk } from './vendor-sdks.ts';

export const ourContenders: readonly Contender[] = [
	ourEngine('openAi'),
	ourBatch('openAi', 'none'),
	ourBatch('openAi', 'embedded'),
	ourNode('openAi', 'none'),
	ourNode('openAi', 'embedded'),
];
export const anthropicContenders: readonly Contender[] = [
	anthropicSdk,
	ourEngine('anthropic'),
	ourBatch('anthropic', 'none'),
];

export function peerContenders(peers: Peers): readonly Contender[] {
	return [cockatiel(peers), aiSdk(peers), langChain(peers), portkey(peers)];
}

/** Everything that speaks OpenAI's protocol, the floor first. */
export function contenders(peers: Peers): readonly Contender[] {
	return [openAiSdk, ...ourContenders, ...peerContenders(peers)];
}

export function contenderWith(id: string, peers: Peers): Contender {
	const found = [...contenders(peers), ...anthropicContenders].find((contender) => contender.id === id);
	if (found === undefined) throw new Error(`There is no contender "${id}"`);
	return found;
}
