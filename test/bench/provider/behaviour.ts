/** How the simulated provider answers; the first part of a base URL's path. */
export type Behaviour =
	/** Answers after so many ms. */
	| `answer-${number}`
	/** Refuses at once with this status. */
	| `status-${number}`
	/** Takes the request and never answers. */
	| 'hang'
	/** Answers so many requests a second, with as many at once; refuses the others with 429 and Retry-After. */
	| `bucket-${number}`;

/** Tokens of a bucket: full at the start, refilled evenly. */
export class TokenBucket {
	private tokens: number;
	private filledAt: number | undefined;
	readonly perSecond: number;

	constructor(perSecond: number) {
		this.perSecond = perSecond;
		this.tokens = perSecond;
	}

	/** 0 when a token was there and is taken, otherwise the seconds until the next one. `now` in ms. */
	take(now: number): number {
		const grown = ((now - (this.filledAt ?? now)) / 1000) * this.perSecond;
		this.tokens = Math.min(this.perSecond, this.tokens + grown);
		this.filledAt = now;
		if (this.tokens < 1) return (1 - this.tokens) / this.perSecond;
		this.tokens -= 1;
		return 0;
	}
}
