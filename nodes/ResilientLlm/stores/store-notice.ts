/** Something about a store that no single operation is to blame for. */
export interface StoreNotice {
	/** `loss`: what the store held may be gone. `warning`: somebody should do something about it. */
	readonly kind: 'information' | 'warning' | 'loss';
	/** For the user: what happened, where, what to do. */
	readonly words: string;
}
