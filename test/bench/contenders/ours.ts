import { engine } from '../ours/dist.ts';
import { runNode, type ProviderId, type StoreKind } from '../ours/node-context.ts';
import { percentile } from '../measure/statistics.ts';
import { anthropicModel, key, maxOutputTokens, model, mustBeAnswer, type Contender, type Route } from './contender.ts';
import { withoutVersion } from './vendor-sdks.ts';

const deadlineMs = 300_000;
const models: Readonly<Record<ProviderId, string>> = { openAi: model, anthropic: anthropicModel };
const idOf: Readonly<Record<ProviderId, string>> = { openAi: '', anthropic: '-anthropic' };
const labelOf: Readonly<Record<ProviderId, string>> = { openAi: '', anthropic: ', Anthropic' };

/**
 * The chain with one vendor's adapter: retries, failover, circuit breaker, time limits and answer checks, without n8n
 * and without a store.
 */
export function ourEngine(protocol: ProviderId): Contender {
	return {
		id: `ours-engine${idOf[protocol]}`,
		label: `Resilient LLM, engine + adapter${labelOf[protocol]}`,
		kind: 'ours',
		protocol,
		fallsBack: true,
		breaksCircuit: true,
		async open({ baseUrls, maxAttempts, baseDelayMs, timeoutMs }) {
			const { runChain, conversationOf, loadProvider, systemClock, createCircuitBreakers, createRateLimitGates } =
				engine();
			const breakers = createCircuitBreakers(systemClock);
			const gates = createRateLimitGates(systemClock);
			const cancel = new AbortController().signal;
			const steps = await Promise.all(
				baseUrls.map(async (baseUrl) => {
					const provider = await loadProvider(protocol, {
						apiKey: key,
						baseUrl: ownBaseUrl(protocol, baseUrl),
						network: {},
					});
					return {
						provider: protocol,
						label: protocol,
						target: baseUrl,
						settings: { model: models[protocol], maxOutputTokens },
						maxAttempts,
						attemptTimeoutMs: timeoutMs,
						complete: provider.complete,
						price: () => null,
					};
				}),
			);
			return {
				async call(prompt) {
					const outcome = await runChain(
						{
							content: conversationOf({ prompt, systemMessage: '', attachments: [], output: { kind: 'text' } }),
							steps,
							execution: 'bench',
							confidence: 'any',
							deadline: systemClock.now() + deadlineMs,
							retryPolicy: { baseDelayMs, maxDelayMs: 30_000 },
							rules: { onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
							cancel,
						},
						{ clock: systemClock, random: Math.random, breakers, gates, observe: () => undefined },
					);
					mustBeAnswer(outcome.output);
				},
			};
		},
	};
}

let executions = 0;

/** Credentials and steps of the node for a route. */
export function nodeSettings(protocol: ProviderId, route: Route) {
	const type = protocol === 'openAi' ? 'resilientLlmOpenAiApi' : 'resilientLlmAnthropicApi';
	const [first = '', ...others] = route.baseUrls.map((baseUrl) => ownBaseUrl(protocol, baseUrl));
	const step = (provider: string) => ({
		provider,
		model: { __rl: true, mode: 'id', value: models[protocol] },
		maxAttempts: route.maxAttempts,
		timeoutSeconds: route.timeoutMs / 1000,
		maxOutputTokens,
	});
	if (others.length > 1)
		throw new Error('The node has one credential per provider type, so one fallback is all that fits here');
	return {
		steps: [step(protocol), ...others.map(() => step('openAiCompatible'))],
		credentials: {
			[type]: { apiKey: key, baseUrl: first },
			...(others[0] !== undefined && { resilientLlmOpenAiCompatibleApi: { apiKey: key, baseUrl: others[0] } }),
		},
	};
}

/** The whole node, one item per execution: parameters, credentials, task ID, prices, log lines, store, output item. */
export function ourNode(protocol: ProviderId, store: StoreKind): Contender {
	return {
		id: `ours-node-${store}${idOf[protocol]}`,
		label: `Resilient LLM, whole node, ${store === 'none' ? 'without a store' : `${store} store`}${labelOf[protocol]}`,
		kind: 'ours',
		protocol,
		fallsBack: true,
		breaksCircuit: true,
		async open(route) {
			const settings = nodeSettings(protocol, route);
			return {
				async call(prompt) {
					executions += 1;
					const { success } = await runNode({
						...settings,
						items: [{ json: { text: prompt } }],
						parameters: { taskStore: store },
						options: { retryBaseDelayMs: route.baseDelayMs },
						executionId: `execution-${executions}`,
					});
					mustBeAnswer(success[0]?.json['output']);
				},
			};
		},
	};
}

/** The same with many items in one execution, as most workflows run it. */
export function ourBatch(protocol: ProviderId, store: StoreKind): Contender {
	const single = ourNode(protocol, store);
	return {
		...single,
		id: `ours-batch-${store}${idOf[protocol]}`,
		label: `${single.label}, many items`,
		async open(route) {
			const settings = nodeSettings(protocol, route);
			const { call } = await single.open(route);
			return {
				call,
				async batch(prompt, count, concurrency) {
					const ends: number[] = [];
					const start = performance.now();
					const success = await execute(prompt, count, concurrency, () => void ends.push(performance.now()));
					const total = performance.now() - start;
					if (success.length !== count) throw new Error(`${success.length} of ${count} items were answered`);
					return itemTimes(ends, total, count);
				},
				manyAnswered: async (prompt, count, concurrency) => (await execute(prompt, count, concurrency)).length,
			};

			async function execute(prompt: string, count: number, concurrency: number, onItemEnd?: () => void) {
				executions += 1;
				const { success } = await runNode({
					...settings,
					items: Array.from({ length: count }, (_, index) => ({ json: { text: `${prompt}${index}` } })),
					parameters: { taskStore: store },
					options: { retryBaseDelayMs: route.baseDelayMs, concurrency },
					executionId: `execution-${executions}`,
					...(onItemEnd !== undefined && { onItemEnd }),
				});
				for (const { json } of success) mustBeAnswer(json['output']);
				return success;
			}
		},
	};
}

/** From one item's end to the next one's, in µs, each with its share of what the execution does before and after. */
function itemTimes(ends: readonly number[], totalMs: number, count: number): readonly number[] {
	if (ends.length !== count) throw new Error(`${ends.length} of ${count} items said that they had ended`);
	const own = ends.slice(1).map((end, index) => end - (ends[index] ?? end));
	const median = percentile(own, 0.5);
	const share = (totalMs - own.reduce((sum, time) => sum + time, 0) - median) / count;
	return own.map((time) => (time + share) * 1000);
}

function ownBaseUrl(protocol: ProviderId, baseUrl: string): string {
	return protocol === 'anthropic' ? withoutVersion(baseUrl) : baseUrl;
}
