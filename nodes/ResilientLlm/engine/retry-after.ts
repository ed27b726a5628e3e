import type { EpochMs } from './clock';

interface ReplyHeaders {
	get(name: string): string | null;
}

/**
 * The longest Retry-After that is honoured, in ms: one hour. Then one call finds out whether the limit still holds:
 * otherwise a Retry-After of years would disable a step for good.
 */
export const longestBelievedPauseMs = 60 * 60 * 1000;

/** Longer pauses are read as one day, in ms, so that sums of times stay finite. */
const longestPauseMs = 24 * 60 * 60 * 1000;

/** Maximum length of a duration text, in characters. No server sends longer ones. */
const longestDuration = 100;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * How long the server asked us to wait, in ms, from the reply's headers or, failing these, its text. Understands
 * `retry-after-ms` and `x-ms-retry-after-ms` (ms), `retry-after` (seconds or an HTTP date, compared with the reply's
 * own `date` if present, because our clock may differ from the server's), and "try again in 1m2.5s" in the text.
 * Undefined when the server asked for no pause, or in an unknown format. RFC 9110 §10.2.3.
 */
export function retryAfterMs(headers: ReplyHeaders, text: string, wallClock: EpochMs): number | undefined {
	return (
		fromMilliseconds(headers.get('retry-after-ms')) ??
		fromMilliseconds(headers.get('x-ms-retry-after-ms')) ??
		fromSeconds(headers.get('retry-after')) ??
		fromDate(headers.get('retry-after'), headers.get('date'), wallClock) ??
		fromWords(text)
	);
}

/** Parses a duration as servers write it: "36s", "1.5s", "450ms", "1m2.5s". Undefined: not a duration. */
export function durationMs(text: string): number | undefined {
	if (text.length > longestDuration) return undefined;
	const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhd])/gy)];
	if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trim()) return undefined;
	return sane(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0));
}

function fromMilliseconds(value: string | null): number | undefined {
	return value !== null && isDecimal(value) ? sane(Number(value)) : undefined;
}

function fromSeconds(value: string | null): number | undefined {
	return value !== null && isDecimal(value) ? sane(Number(value) * 1000) : undefined;
}

function fromDate(value: string | null, replyDate: string | null, wallClock: EpochMs): number | undefined {
	// Every form of an HTTP date names a month; without this, Date.parse would read "-5" as the year 2001.
	if (value === null || !/[A-Za-z]{3}/.test(value)) return undefined;
	const until = Date.parse(value);
	const from = replyDate === null ? Number.NaN : Date.parse(replyDate);
	return Number.isNaN(until) ? undefined : sane(Math.max(0, until - (Number.isNaN(from) ? wallClock : from)));
}

function fromWords(text: string): number | undefined {
	const said =
		/(?:try again|retry|wait)(?: (?:in|after|for))?:? ((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|minutes?|hours?|[smhd])(?![a-z])\s*)+)/i.exec(
			text.slice(0, 10_000),
		);
	if (said?.[1] === undefined) return undefined;
	return durationMs(
		said[1]
			.toLowerCase()
			.replace(/milliseconds?/g, 'ms')
			.replace(/seconds?/g, 's')
			.replace(/minutes?/g, 'm')
			.replace(/hours?/g, 'h')
			.replace(/\s+/g, ''),
	);
}

function isDecimal(value: string): boolean {
	return /^\s*\d+(\.\d+)?\s*$/.test(value);
}

function sane(ms: number): number | undefined {
	return Number.isFinite(ms) && ms >= 0 ? Math.min(Math.ceil(ms), longestPauseMs) : undefined;
}
