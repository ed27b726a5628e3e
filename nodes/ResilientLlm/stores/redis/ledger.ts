import type { LedgerEntry } from '../../engine/store/ledger';
import { ledgerLine, type LedgerLine } from '../ledger-line';
import { ledgerRetentionMs } from '../ledger-retention';

/**
 * Lines of the ledger as Redis keeps them: text, because Redis lives in memory, where a hash of counters would take
 * several times the room. `17;2k9x…,5t,6mo,;…` is a write in the 17th minute of its hour, and each part after a `;` a
 * line: facet, latency bucket, cost and extra cost, as numbers with base 36; empty for unknown. A line takes 40 to 50
 * bytes (measured, with the room that Redis leaves for a string to grow): a day of 1000 calls and 600 tasks takes 80
 * kB, and one of a million calls 70 MB, for as long as `ledgerRetentionMs` says. Redis keeps what its memory allows:
 * when that ends, writes fail and say so.
 */
const base = 36;

/** The last values of the scripts that add lines. */
export function ledgerValues(entries: readonly LedgerEntry[]): readonly (string | number)[] {
	const lines = entries.map(ledgerLine);
	const text = lines
		.map(
			({ facet, latency_bucket, cost, extra_cost }) =>
				`;${[facet, latency_bucket, cost, extra_cost].map(numberText).join(',')}`,
		)
		.join('');
	return [ledgerRetentionMs, text, ...lines.flatMap(({ facet, facets }) => [numberText(facet), facets])];
}

export function facetOf(text: string): number {
	return Number.parseInt(text, base);
}

/**
 * Hands on the lines of an hour's text that were written in some minutes, counted from the epoch; `to` is exclusive.
 */
export function readLines(
	text: string,
	hour: number,
	{ from, to }: { readonly from: number; readonly to: number },
	take: (line: Omit<LedgerLine, 'facets'>) => void,
): void {
	for (const write of text.split('\n')) {
		const [minuteOfHour, ...lines] = write.split(';');
		const minute = hour * 60 + Number(minuteOfHour);
		if (minute < from || minute >= to) continue;
		for (const line of lines) {
			const [facet = '', latencyBucket = '', cost = '', extraCost = ''] = line.split(',');
			take({
				facet: facetOf(facet),
				latency_bucket: Number.parseInt(latencyBucket, base),
				cost: numberOf(cost),
				extra_cost: numberOf(extraCost),
			});
		}
	}
}

function numberText(value: number | null): string {
	return value === null ? '' : value.toString(base);
}

function numberOf(text: string): number | null {
	return text === '' ? null : Number.parseInt(text, base);
}
