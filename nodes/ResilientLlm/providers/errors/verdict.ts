import type { EpochMs } from '../../engine/clock';
import type { FailureReason } from '../../engine/failure';
import type { DroppableParameter } from '../../engine/request';
import { retryAfterMs } from '../../engine/retry-after';
import { saysContextOverflow } from './context-overflow';
import { readErrorBody, type ErrorBody } from './error-body';
import { reasonOfStatus, reasonOfWord } from './reasons';
import type { ReportedError } from './reported-error';
import { refusedParameter } from './unsupported-parameter';

/** What an error reply means. Optional parts that a vendor leaves out are filled in by the shared classification. */
export interface Verdict {
	readonly reason: FailureReason;
	/** A message from the server or from us. The caller redacts and shortens it. */
	readonly message?: string;
	readonly parameter?: DroppableParameter;
	readonly retryAfterMs?: number;
	readonly retryAdvice?: 'retry' | 'no_retry';
}

/** A vendor's own classification of an error. Undefined: the shared classification is used. */
export type Classify = (report: ReportedError, error: ErrorBody | undefined) => Verdict | undefined;

/**
 * Classifies an error, from an HTTP reply or from an error that a library threw: by the vendor's own classification or
 * else the shared one. The result includes the wait and the retry advice that the server sent, if any.
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

/** The shared classification, used for errors that the vendor's own one does not recognize. */
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

/**
 * The HTTP status. For an error inside a successful reply: the status given by its numeric code, or 200 if it has none.
 */
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
