import type { Clock, MonotonicMs } from './clock';
import type { Completion } from './completion';
import type { Failure } from './failure';
import type { LiveText } from './live-text';
import type { Provider } from './provider';
import type { CompletionRequest } from './request';

/** One call and its limits. */
export interface TimedCall {
	readonly complete: Provider['complete'];
	readonly request: CompletionRequest;
	/** Passes on the streamed answer. Undefined: the answer is not streamed. */
	readonly live: LiveText | undefined;
	/** Timeout in ms: for the complete answer or, when it is streamed, for its first piece and for each further one. */
	readonly limitMs: number;
	/** When a streamed answer must have ended, even if more pieces keep coming. */
	readonly deadline: MonotonicMs;
	readonly cancel: AbortSignal;
}

/**
 * Makes one call with a timeout. Whether it timed out or was cancelled is decided here, not from the error an SDK
 * throws: an SDK that ignores its abort signal, or reports an abort as a timeout, can neither mislead nor block the
 * chain.
 */
export async function callWithin(timed: TimedCall, clock: Clock): Promise<Completion | Failure> {
	const { complete, limitMs, deadline, cancel } = timed;
	const call = new AbortController();
	const timer = new AbortController();
	// `abort()` without a reason creates an error with a stack trace, which costs more than the rest of this function.
	const stopTimer = () => timer.abort(noReason);
	cancel.addEventListener('abort', stopTimer, { once: true });
	let lastPieceAt: MonotonicMs | undefined;
	const reader = timed.live?.openFor();
	const request: CompletionRequest =
		reader === undefined
			? timed.request
			: {
					...timed.request,
					live(text) {
						if (text !== '') lastPieceAt = clock.now();
						reader.read(text);
					},
				};
	const result = await Promise.race([settled(() => complete(request, call.signal)), timeIsUp()]);
	reader?.end();
	cancel.removeEventListener('abort', stopTimer);
	stopTimer();
	if (cancel.aborted) {
		call.abort();
		return { kind: 'failure', reason: 'cancelled', message: 'The execution was cancelled' };
	}
	if (result !== 'time is up') return result;
	call.abort();
	const silence = lastPieceAt === undefined ? 'No complete answer within' : 'The answer stopped coming for';
	return { kind: 'failure', reason: 'timeout', message: `${silence} ${inSeconds(limitMs)}` };

	async function timeIsUp(): Promise<'time is up'> {
		let endsAt = clock.now() + limitMs;
		for (;;) {
			await clock.wait(endsAt - clock.now(), timer.signal);
			const further = lastPieceAt === undefined ? endsAt : Math.min(lastPieceAt + limitMs, deadline);
			if (timer.signal.aborted || further <= clock.now()) return 'time is up';
			endsAt = further;
		}
	}
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
