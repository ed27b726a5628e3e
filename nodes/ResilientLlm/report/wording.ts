import { cut } from '../engine/cut';
import type { FailureReason } from '../engine/failure';
import { failureTable } from '../engine/failure-table';
import { exactly } from '../page/wording';
import { providerLabelOf } from '../providers/vendors';

/**
 * For example "34%", "3.4%", "0%" or "under 0.1%". A share below 1 is never rounded to 100%, nor a share above 0 to 0%.
 * Null: "–".
 */
export function percent(share: number | null): string {
	if (share === null) return '–';
	const value = share * 100;
	if (value > 0 && value < 0.1) return 'under 0.1%';
	if (value > 99 && value < 100) return `${Math.min(99.9, Number(value.toFixed(1)))}%`;
	return `${Number(value.toFixed(value < 10 ? 1 : 0))}%`;
}

/** A share that exceeds `limit` (in percent), rounded to as few digits as needed for it to differ from the limit. */
export function percentPast(share: number, limit: number): string {
	const value = share * 100;
	const digits =
		[0, 1, 2, 3].find((count) => Number(value.toFixed(count)) !== limit && count >= (value < 10 ? 1 : 0)) ?? 4;
	return `${Number(value.toFixed(digits))}%`;
}

/** For example "1 task" or "12,345 tasks". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
	return `${number(count)} ${count === 1 ? singular : plural}`;
}

export function number(count: number): string {
	return count.toLocaleString('en');
}

/**
 * A time span of whole minutes in words, to follow "the last" or precede "before": "hour", "24 hours", "7 days", "90
 * minutes".
 */
export function spanWords(minutes: number): string {
	const [size, unit] =
		minutes % 1440 === 0 && minutes > 1440 ? [1440, 'day'] : minutes % 60 === 0 ? [60, 'hour'] : [1, 'minute'];
	const count = minutes / size;
	return count === 1 ? unit : `${count} ${unit}s`;
}

/** The label of a provider; for a provider that this package does not know, the name in the ledger. */
export function providerName(provider: string): string {
	return providerLabel(provider) ?? provider;
}

export function providerLabel(provider: string): string | undefined {
	return providerLabelOf(provider);
}

/** For example "overloaded (529)". */
export function failurePhrase(reason: FailureReason, httpStatus: number | null): string {
	const phrase = failureTable[reason]?.phrase ?? reason;
	return httpStatus === null ? phrase : `${phrase} (${httpStatus})`;
}

export function duration(ms: number | null): string {
	return ms === null ? '–' : exactly(ms);
}

/** At most `letters` characters of a name; never splits a surrogate pair. */
export function shortName(name: string, letters = 80): string {
	return cut(name, letters);
}
