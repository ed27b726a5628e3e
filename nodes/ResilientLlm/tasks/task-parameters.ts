export const realStoreKinds = ['embedded', 'redis', 'postgres'] as const;
export const storeKinds = ['none', ...realStoreKinds] as const;
export type StoreKind = (typeof storeKinds)[number];
export type RealStoreKind = (typeof realStoreKinds)[number];

/** How one item's task is remembered, as the user set it. */
export interface TaskParameters {
	/** Empty: derived from the input. */
	readonly id: string;
	readonly memory:
		| { readonly kind: 'none' }
		/** `once`: a task that was done before is not done again. */
		| { readonly kind: 'store'; readonly store: RealStoreKind; readonly once: boolean };
	readonly resultTtlMs: number;
	/** Null: a review is never due. */
	readonly reviewDueMs: number | null;
	/** Undefined: escalations carry no link. */
	readonly reviewPageUrl?: string;
}
