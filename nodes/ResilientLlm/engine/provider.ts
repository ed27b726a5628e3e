import type { Completion } from './completion';
import type { Failure } from './failure';
import type { CompletionRequest } from './request';

export interface ModelEntry {
	readonly id: string;
	/** The vendor's display name, or the id. */
	readonly name: string;
}

/**
 * The interface to one vendor's API. Adapters only translate: they do not retry, and failures are returned, never
 * thrown.
 */
export interface Provider {
	/**
	 * Makes exactly one HTTP call. `signal` aborts it, also while the response body is read. The result of an aborted
	 * call does not matter: the chain itself knows whether the call timed out or was cancelled.
	 */
	complete(request: CompletionRequest, signal: AbortSignal): Promise<Completion | Failure>;
	/** The models this account can call, as the vendor lists them. */
	listModels(signal: AbortSignal): Promise<readonly ModelEntry[] | Failure>;
}
