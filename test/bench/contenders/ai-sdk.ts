import type { Peers } from '../peers/install.ts';
import { key, maxOutputTokens, model, mustBeAnswer, type Contender } from './contender.ts';

interface Ai {
	generateText(options: object): Promise<{ readonly text: string }>;
}
interface OpenAiProvider {
	createOpenAI(options: object): { chat(model: string): object };
}
interface AiRetry {
	createRetryableModel(options: object): object;
	readonly error: { isRetryable(flag: boolean): { retry(options: object): object } };
	readonly timeout: () => { switch(options: object): object };
}

/** AI SDK with ai-retry: retries by condition, then the other models in order. It has no circuit breaker. */
export function aiSdk(peers: Peers): Contender {
	return {
		id: 'ai-sdk',
		label: `AI SDK ${peers.versions['ai']} + ai-retry ${peers.versions['ai-retry']}`,
		kind: 'peer',
		protocol: 'openAi',
		fallsBack: true,
		breaksCircuit: false,
		async open({ baseUrls, maxAttempts, baseDelayMs, timeoutMs }) {
			const { generateText } = await peers.load<Ai>('ai');
			const { createOpenAI } = await peers.load<OpenAiProvider>('@ai-sdk/openai');
			const { createRetryableModel, error } = await peers.load<AiRetry>('ai-retry/language-model');
			// ai-retry counts attempts per provider name and model.
			const [first, ...others] = baseUrls.map((baseURL, index) =>
				createOpenAI({ apiKey: key, baseURL, name: `provider-${index + 1}` }).chat(model),
			);
			const retries =
				maxAttempts > 1 ? [error.isRetryable(true).retry({ delay: baseDelayMs, backoffFactor: 2, maxAttempts })] : [];
			const retryable = createRetryableModel({
				model: first,
				retries: [...retries, ...others.map((other) => ({ model: other, maxAttempts, timeout: timeoutMs }))],
			});
			return {
				async call(prompt) {
					const { text } = await generateText({
						model: retryable,
						prompt,
						maxOutputTokens,
						maxRetries: 0,
						abortSignal: AbortSignal.timeout(timeoutMs),
					});
					mustBeAnswer(text);
				},
			};
		},
	};
}
