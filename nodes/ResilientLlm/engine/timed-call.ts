import type { Clock } from './clock';
import type { Completion } from './completion';
import type { Failure } from './failure';
import type { Provider } from './provider';
import type { CompletionRequest } from './request';

/**
 * One call under a time limit, in ms. Which clock ran out is decided here, never by what an SDK throws: an SDK that
 * ignores its signal, or calls an abort a timeout, cannot mislead or hold up the chain.
 */
export async function callWithin(
	complete: Provider['complete'],
	request: CompletionRequest,
	limitMs: number,
	clock: Clock,
	cancel: AbortSignal,
): Promise<Completion | Failure> {
	const call = new AbortController();
	const timer = new AbortController();
	// With a reason, or each abort would make an error with a stack, which costs more than the rest of this function.
	const stopTimer = () => timer.abort(noReason);
	cancel.addEventListener('abort', stopTimer, { once: true });
	const result = await Promise.race([
		settled(() => complete(request, call.signal)),
		clock.wait(limitMs, timer.signal).then(() => 'time is up' as const),
	]);
	cancel.removeEventListener('abort', stopTimer);
	stopTimer();
	if (cancel.aborted) {
		call.abort();
		return { kind: 'failure', reason: 'cancelled', message: 'The execution was cancelled' };
	}
	if (result !== 'time is up') return result;
	call.abort();
	return { kind: 'failure', reason: 'timeout', message: `No complete answer within ${inSeconds(limitMs)}` };
}

async function settled(work: () => Promise<Completion | Failure>): Promise<Completion | Failure> {
	try {
		return await work();
	} catch {
		return adapterDefect();
	}
}

const noReason = 'over';

/** A duration for people: "1.5 s". */
export function inSeconds(ms: number): string {
	return `${Math.max(0, Math.round(ms / 100) / 10)} s`;
}

function adapterDefect(): Failure {
	return {
		kind: 'failure',
		reason: 'bad_response',
		message: 'The reply could not be read (a defect of this package: please report it)',
	};
}
