import type { EpochMs } from '../../engine/clock';
import type { FailureReason } from '../../engine/failure';
import type { DroppableParameter } from '../../engine/request';
import { retryAfterMs } from '../../engine/retry-after';
import { saysContextOverflow } from './context-overflow';
import { readErrorBody, type ErrorBody } from './error-body';
import { reasonOfStatus, reasonOfWord } from './reasons';
import type { ReportedError } from './reported-error';
import { refusedParameter } from './unsupported-parameter';

/** What a vendor makes of its own error reply. What it leaves out is read the way all vendors are. */
export interface Verdict {
	readonly reason: FailureReason;
	/** In the server's words or ours; redacted and cut by the caller. */
	readonly message?: string;
	readonly parameter?: DroppableParameter;
	readonly retryAfterMs?: number;
	readonly retryAdvice?: 'retry' | 'no_retry';
}

/** A vendor's own reading of its errors. Undefined: this one is read the way all vendors' are. */
export type Classify = (report: ReportedError, error: ErrorBody | undefined) => Verdict | undefined;

/**
 * What an error means, whether it came as an HTTP reply or as an object that a library threw: the vendor's own reading
 * of it or else the shared one, with the pause that the server asked for and its advice on retrying.
 */
export function classifyError(report: ReportedError, classify: Classify | undefined, now: EpochMs): Verdict {
	const error = readErrorBody(report.json);
	const verdict = classify?.(report, error) ?? verdictByShape(report, error);
	const pauseMs = verdict.retryAfterMs ?? retryAfterMs(report.headers, error?.message ?? report.text, now);
	const advice = verdict.retryAdvice ?? retryAdviceOf(report.headers);
	return {
		...verdict,
		message: verdict.message ?? error?.message ?? '',
		...(pauseMs !== undefined && { retryAfterMs: pauseMs }),
		...(advice !== undefined && { retryAdvice: advice }),
	};
}

/** How every vendor's errors are read where the vendor has no code of its own for them. */
export function verdictByShape(report: ReportedError, error: ErrorBody | undefined): Verdict {
	const status = statusOf(report, error);
	if (status < 400) return { reason: reasonOfWord(error?.code) ?? reasonOfWord(error?.type) ?? 'bad_response' };
	if (error !== undefined) {
		const clientError = status < 500 && status !== 401 && status !== 402 && status !== 403 && status !== 429;
		if ((clientError || status === 500) && saysContextOverflow(error.evidence)) return { reason: 'context_too_long' };
		if (status === 400 || status === 422) {
			const parameter = refusedParameter(error);
			if (parameter === 'other') return { reason: 'unsupported_parameter' };
			if (parameter !== undefined) return { reason: 'unsupported_parameter', parameter };
		}
	}
	return { reason: reasonOfStatus(status) };
}

/** The status, or for an error inside a 200 the one its numeric code stands for; 200 when there is none. */
export function statusOf(report: ReportedError, error: ErrorBody | undefined): number {
	if (report.status >= 400) return report.status;
	const code = Number(error?.code);
	return Number.isInteger(code) && code >= 400 && code < 600 ? code : report.status;
}

function retryAdviceOf(headers: ReportedError['headers']): 'retry' | 'no_retry' | undefined {
	switch (headers.get('x-should-retry')) {
		case 'true':
			return 'retry';
		case 'false':
			return 'no_retry';
		default:
			return undefined;
	}
}
