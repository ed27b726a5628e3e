import type { EpochMs } from '../engine/clock';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Formats an instant like "Fri, 20 Nov 2026, 14:05 GMT+1". An unknown time zone is shown as UTC. */
export function momentIn(timeZone: string, instant: EpochMs): string {
	const options: Intl.DateTimeFormatOptions = {
		weekday: 'short',
		day: 'numeric',
		month: 'short',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		timeZoneName: 'short',
	};
	return formatIn(timeZone, options, instant);
}

/** Formats an instant like "14:05:09". */
export function clockTimeIn(timeZone: string, instant: EpochMs): string {
	return formatIn(timeZone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }, instant);
}

/** Formats an instant like "20 Nov, 14:05". */
export function dayAndTimeIn(timeZone: string, instant: EpochMs): string {
	return formatIn(timeZone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }, instant);
}

function formatIn(timeZone: string, options: Intl.DateTimeFormatOptions, instant: EpochMs): string {
	const format = (zone: string) => new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }).format(instant);
	try {
		return format(timeZone);
	} catch {
		return format('UTC');
	}
}

/** Formats a duration roughly, like "45 minutes", "3 hours" or "2 days". */
export function roughly(ms: number): string {
	if (ms < minute) return 'less than a minute';
	const [size, unit] = ms < hour ? [minute, 'minute'] : ms < 2 * day ? [hour, 'hour'] : [day, 'day'];
	const count = Math.floor(ms / size);
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Formats a duration exactly, like "820 ms", "12.4 s" or "3 min 5 s". */
export function exactly(ms: number): string {
	if (ms < second) return `${Math.round(ms)} ms`;
	if (ms < minute) return `${(ms / second).toFixed(1)} s`;
	const seconds = Math.round(ms / second);
	return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function money(usd: number | null): string {
	if (usd === null) return 'not known';
	if (usd === 0) return '$0';
	return usd < 0.01 ? `$${Number(usd.toPrecision(2))}` : `$${usd.toFixed(2)}`;
}
