import type { Caller } from '../contenders/contender.ts';
import { ourContenders } from '../contenders/index.ts';
import { profile } from '../measure/profile.ts';
import type { Provider } from '../provider/provider.ts';
import { plainRoute } from './overhead.ts';

const calls = 2000;
const prompt = 'A customer writes: my amplifier arrived with a scratch on its front. May I send it back? '.repeat(10);

/**
 * Profiles of our own contenders on the way that `overhead` measures. Nobody else runs, and nothing is measured
 * otherwise.
 */
export async function profileOverhead(provider: Provider, print: (text: string) => void): Promise<void> {
	for (const contender of ourContenders) {
		const caller = await contender.open({
			...plainRoute,
			baseUrls: [provider.baseUrl('answer-0', `profile-${contender.id}`)],
		});
		await run(caller);
		const { text } = await profile(contender.id, calls, async () => await run(caller));
		print(`${text}\n`);
		await caller.close?.();
	}
}

async function run(caller: Caller): Promise<void> {
	if (caller.batch !== undefined) return void (await caller.batch(prompt, calls, 1));
	for (let call = 0; call < calls; call += 1) await caller.call(prompt);
}
