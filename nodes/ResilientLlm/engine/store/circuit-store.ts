/** An open circuit, as all processes see it. */
export interface SharedCircuit {
	/** From now, in ms, by the store's clock; 0 or less: it is half-open. */
	readonly reopensInMs: number;
	/** How often it opened without closing in between. */
	readonly openings: number;
}

/** Where processes tell each other of open circuits. Every method may reject; the breakers then rely on their own. */
export interface CircuitStore {
	/** Undefined: closed. */
	read(target: string): Promise<SharedCircuit | undefined>;
	/** Opens it for all, for so many ms. An opening that lasts longer already stays. */
	open(target: string, forMs: number, openings: number): Promise<void>;
	/** Wins the right to be the one probe of a half-open circuit, for at most `probeMs`. */
	claimProbe(target: string, probeMs: number): Promise<boolean>;
	close(target: string): Promise<void>;
}
