import type { LedgerEntry, LedgerQuery, LedgerSum } from '../../engine/store/ledger';
import { ledgerLine, type LedgerLine } from '../ledger-line';
import { hourMs, ledgerRetentionMs, minuteMs } from '../ledger-retention';
import { createLedgerSums } from '../ledger-sums';
import type { RedisConnection } from './connection';
import { script } from './prelude';
import { fieldsOf, listOf } from './replies';

/**
 * Lines of the ledger as Redis keeps them: text, because Redis lives in memory, where a hash of counters would take
 * several times the room. `17;2k9x…,5t,6mo,;…` is a write in the 17th minute of its hour, and each part after a `;` a
 * line: facet, latency bucket, cost and extra cost, as numbers with base 36; empty for unknown. A line takes 40 to 50
 * bytes (measured, with the room that Redis leaves for a string to grow): a day of 1000 calls and 600 tasks takes 80
 * kB, and one of a million calls 70 MB, for as long as `ledgerRetentionMs` says. Redis keeps what its memory allows:
 * when that ends, writes fail and say so.
 */
const base = 36;

/** The last values of the scripts that add lines: `addLines` of the prelude reads them. */
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

/** See `Ledger`. */
export async function tallyLedger(
	connection: RedisConnection,
	{ from, to }: LedgerQuery,
): Promise<readonly LedgerSum[]> {
	const sums = createLedgerSums();
	const facets = new Map<number, string>();
	const minutes = { from: Math.floor(from / minuteMs), to: Math.floor(to / minuteMs) };
	const hours = listOf(await connection.run(hoursScript, [Math.floor(from / hourMs), Math.floor(to / hourMs)])).map(
		Number,
	);
	for (const hour of hours) {
		const [lines, facetsOfDay] = listOf(await connection.run(hourScript, [hour]));
		if (typeof lines !== 'string') continue;
		for (const [facet, json] of Object.entries(fieldsOf(facetsOfDay))) facets.set(facetOf(facet), String(json));
		readLines(lines, hour, minutes, (line) => sums.addLine(line));
	}
	return sums.sums(facets);
}

/** Forgets the hours that are older than `ledgerRetentionMs`. */
export async function pruneLedger(connection: RedisConnection): Promise<void> {
	await connection.run(pruneLedgerScript, [ledgerRetentionMs]);
}

function facetOf(text: string): number {
	return Number.parseInt(text, base);
}

/**
 * Hands on the lines of an hour's text that were written in some minutes, counted from the epoch; `to` is exclusive.
 */
function readLines(
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

/** Values: the ledger's retention in ms, lines, then number and JSON of each facet in turn. */
export const addLinesScript = script(`addLines(3)`);

/** Values: first and last hour. Returns those in between that have lines. */
const hoursScript = script(`return redis.call('ZRANGEBYSCORE', prefix .. 'ledger', ARGV[2], ARGV[3])`);

/** Value: hour. Returns its lines, and number and JSON of its day's facets in turn; nothing when it has no lines. */
const hourScript = script(`
local hour = tonumber(ARGV[2])
local lines = redis.call('GET', prefix .. 'ledger:' .. whole(hour))
return lines and { lines, redis.call('HGETALL', prefix .. 'facets:' .. whole(math.floor(hour / 24))) } or {}
`);

/** Value: the ledger's retention in ms. */
const pruneLedgerScript = script(`
local firstKept = math.floor((now - tonumber(ARGV[2])) / 3600000)
for _, hour in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'ledger', '-inf', '(' .. whole(firstKept))) do
	redis.call('DEL', prefix .. 'ledger:' .. hour)
	if math.floor(hour / 24) < math.floor(firstKept / 24) then redis.call('DEL', prefix .. 'facets:' .. whole(math.floor(hour / 24))) end
	redis.call('ZREM', prefix .. 'ledger', hour)
end
`);
