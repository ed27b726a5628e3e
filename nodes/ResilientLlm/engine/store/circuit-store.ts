/** An open circuit, as all processes see it. */
export interface SharedCircuit {
	/** Time until it is half-open, in ms, by the store's clock; 0 or less: it already is. */
	readonly reopensInMs: number;
	/** How often it opened in a row, without closing in between. */
	readonly openings: number;
}

/** Shares open circuits between processes. Every method may reject; the breakers then rely on their own state. */
export interface CircuitStore {
	/** Undefined: closed. */
	read(target: string): Promise<SharedCircuit | undefined>;
	/** Opens the circuit for all processes, for `forMs` ms. An opening that already lasts longer is kept. */
	open(target: string, forMs: number, openings: number): Promise<void>;
	/** Claims the right to make the single probe call of a half-open circuit, for at most `probeMs` ms. */
	claimProbe(target: string, probeMs: number): Promise<boolean>;
	close(target: string): Promise<void>;
}
