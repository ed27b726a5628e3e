export const realStoreKinds = ['embedded', 'redis', 'postgres'] as const;
export const storeKinds = ['none', ...realStoreKinds] as const;
export type StoreKind = (typeof storeKinds)[number];
export type RealStoreKind = (typeof realStoreKinds)[number];

/** The user's settings for storing one item's task. */
export interface TaskParameters {
	/** The user's own task ID. Empty: derived from the input. */
	readonly id: string;
	readonly memory:
		| { readonly kind: 'none' }
		/** `once`: a task that an earlier run has finished is not run again. */
		| { readonly kind: 'store'; readonly store: RealStoreKind; readonly once: boolean };
	/** How long a stored answer is replayed, in ms. */
	readonly resultTtlMs: number;
	/** Time until a review is due, in ms. Null: never. */
	readonly reviewDueMs: number | null;
	/** URL of the review page. Undefined: escalations carry no link. */
	readonly reviewPageUrl?: string;
}
