import OpenAI from 'openai';
import type { Peers } from '../peers/install.ts';
import { key, maxOutputTokens, model, mustBeAnswer, type Contender } from './contender.ts';

interface Policy {
	execute<T>(call: (context: { readonly signal: AbortSignal }) => Promise<T>): Promise<T>;
}
interface Cockatiel {
	readonly handleAll: object;
	readonly TimeoutStrategy: { readonly Aggressive: unknown };
	readonly ExponentialBackoff: new (options: object) => object;
	readonly ConsecutiveBreaker: new (failures: number) => object;
	retry(handled: object, options: object): Policy;
	circuitBreaker(handled: object, options: object): Policy;
	timeout(ms: number, strategy: unknown): Policy;
	fallback(handled: object, value: () => Promise<unknown>): Policy;
	wrap(...policies: Policy[]): Policy;
}

/**
 * OpenAI's SDK within cockatiel's policies: per provider retry, circuit breaker and timeout; each falls back to the
 * next.
 */
export function cockatiel(peers: Peers): Contender {
	return {
		id: 'cockatiel',
		label: `cockatiel ${peers.versions['cockatiel']} around the openai SDK`,
		kind: 'peer',
		protocol: 'openAi',
		fallsBack: true,
		breaksCircuit: true,
		async open({ baseUrls, maxAttempts, baseDelayMs, timeoutMs }) {
			const policies = await peers.load<Cockatiel>('cockatiel');
			const {
				handleAll,
				TimeoutStrategy,
				ExponentialBackoff,
				ConsecutiveBreaker,
				retry,
				circuitBreaker,
				timeout,
				fallback,
				wrap,
			} = policies;
			type Ask = (prompt: string) => Promise<string | null | undefined>;
			const providers = baseUrls.map((baseURL): Ask => {
				const client = new OpenAI({ apiKey: key, baseURL, maxRetries: 0, timeout: timeoutMs });
				const guarded = wrap(
					retry(handleAll, {
						maxAttempts: maxAttempts - 1,
						backoff: new ExponentialBackoff({ initialDelay: baseDelayMs, maxDelay: 30_000 }),
					}),
					circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(5) }),
					timeout(timeoutMs, TimeoutStrategy.Aggressive),
				);
				return async (prompt) => {
					const ask = async ({ signal }: { readonly signal: AbortSignal }) =>
						await client.chat.completions.create(
							{ model, max_completion_tokens: maxOutputTokens, messages: [{ role: 'user', content: prompt }] },
							{ signal },
						);
					return (await guarded.execute(ask)).choices[0]?.message.content;
				};
			});
			const ask = providers.reduceRight((next, provider): Ask => async (prompt) => {
				const falling = fallback(handleAll, async () => await next(prompt)) as Policy;
				return await falling.execute(async () => await provider(prompt));
			});
			return { call: async (prompt) => mustBeAnswer(await ask(prompt)) };
		},
	};
}
