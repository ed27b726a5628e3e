import type { Completion } from './completion';
import type { Failure } from './failure';
import type { CompletionRequest } from './request';

export interface ModelEntry {
	readonly id: string;
	/** The vendor's display name, or the id. */
	readonly name: string;
}

/** The port to one vendor. Adapters translate; they never retry, never decide, never throw. */
export interface Provider {
	/**
	 * Makes exactly one HTTP call. `signal` ends it, the response body included; what is returned after that does not
	 * matter, because the chain knows which signal fired.
	 */
	complete(request: CompletionRequest, signal: AbortSignal): Promise<Completion | Failure>;
	/** The models this account can call, as the vendor lists them. */
	listModels(signal: AbortSignal): Promise<readonly ModelEntry[] | Failure>;
}
