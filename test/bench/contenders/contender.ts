/** Where a contender's calls go, and how hard it tries. */
export interface Route {
	/** The first provider and its fallbacks. Base URLs, `/v1` included. */
	readonly baseUrls: readonly string[];
	/** Total calls of one provider, at least 1. */
	readonly maxAttempts: number;
	/** The first pause between two calls of one provider, where the contender lets it be set. */
	readonly baseDelayMs: number;
	/** The limit of one call. */
	readonly timeoutMs: number;
}

/** Something that calls a model for a user, set up for one route. */
export interface Caller {
	/** Resolves when the answer is there, and throws when there is none. */
	call(prompt: string): Promise<void>;
	/**
	 * Many calls as one piece of work, so many at once, for what a user calls with many items. Gives the time of each in
	 * µs, which means something only when they come one after the other.
	 */
	readonly batch?: (prompt: string, count: number, concurrency: number) => Promise<readonly number[]>;
	/** The same, telling only how many were answered: the others may have failed. */
	readonly manyAnswered?: (prompt: string, count: number, concurrency: number) => Promise<number>;
	/** CPU time, in µs, that its other processes have used so far. */
	readonly outsideCpu?: () => number;
	close?(): Promise<void>;
}

export type ContenderKind =
	/** The vendor's own SDK and nothing around it. */
	'floor' | 'ours' | 'peer';

export interface Contender {
	readonly id: string;
	readonly label: string;
	readonly kind: ContenderKind;
	/** Which floor it stands on. */
	readonly protocol: 'openAi' | 'anthropic';
	/** Whether it goes on to another provider by itself. */
	readonly fallsBack: boolean;
	/** Whether it stops calling a provider that keeps failing. */
	readonly breaksCircuit: boolean;
	open(route: Route): Promise<Caller>;
}

export const model = 'gpt-6-luna';
export const anthropicModel = 'claude-haiku-5-5';
export const maxOutputTokens = 1024;
export const key = 'simulated-key';

/** Throws when an answer is not the simulated provider's: a contender that swallows a failure must not look fast. */
export function mustBeAnswer(text: unknown): void {
	if (typeof text !== 'string' || !text.startsWith('The customer ordered'))
		throw new Error(`Not the answer: ${String(text).slice(0, 100)}`);
}

/** The only base URL of a contender that knows no fallback. */
export function firstOf({ baseUrls }: Route): string {
	const [first] = baseUrls;
	if (first === undefined) throw new Error('The route leads nowhere');
	return first;
}
