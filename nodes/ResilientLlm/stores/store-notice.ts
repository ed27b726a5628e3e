/** A message about a store that does not belong to any single operation. */
export interface StoreNotice {
	/** `loss`: stored data may be lost. `warning`: an administrator should do something about it. */
	readonly kind: 'information' | 'warning' | 'loss';
	/** For the user: what happened, where, what to do. */
	readonly words: string;
}
