import type { Peers } from '../peers/install.ts';
import { key, maxOutputTokens, model, mustBeAnswer, type Contender } from './contender.ts';

interface Runnable {
	withRetry(options: object): Runnable;
	withFallbacks(options: object): Runnable;
	invoke(prompt: string): Promise<{ readonly content: unknown }>;
}
interface LangChain {
	readonly ChatOpenAI: new (options: object) => Runnable;
}

/** LangChain's `withRetry` and `withFallbacks`. It has no circuit breaker, and its pauses cannot be set. */
export function langChain(peers: Peers): Contender {
	return {
		id: 'langchain',
		label: `LangChain ${peers.versions['@langchain/openai']} withRetry + withFallbacks`,
		kind: 'peer',
		protocol: 'openAi',
		fallsBack: true,
		breaksCircuit: false,
		async open({ baseUrls, maxAttempts, timeoutMs }) {
			// It would look for a tracing server otherwise.
			process.env['LANGCHAIN_TRACING_V2'] = 'false';
			const { ChatOpenAI } = await peers.load<LangChain>('@langchain/openai');
			const models = baseUrls.map((baseURL) =>
				new ChatOpenAI({
					model,
					apiKey: key,
					maxTokens: maxOutputTokens,
					maxRetries: 0,
					timeout: timeoutMs,
					useResponsesApi: false,
					configuration: { baseURL },
				}).withRetry({ stopAfterAttempt: maxAttempts }),
			);
			const [first, ...fallbacks] = models;
			if (first === undefined) throw new Error('The route leads nowhere');
			const runnable = fallbacks.length === 0 ? first : first.withFallbacks({ fallbacks });
			return {
				async call(prompt) {
					mustBeAnswer((await runnable.invoke(prompt)).content);
				},
			};
		},
	};
}
