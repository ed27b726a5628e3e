import type { LedgerEntry, LedgerQuery, LedgerSum } from '../../engine/store/ledger';
import { ledgerLine, type LedgerLine } from '../ledger-line';
import { hourMs, ledgerRetentionMs, minuteMs } from '../ledger-retention';
import { createLedgerSums } from '../ledger-sums';
import type { RedisConnection } from './connection';
import { script } from './prelude';
import { fieldsOf, listOf } from './replies';

/**
 * Ledger lines in Redis are appended to one string per hour: Redis keeps everything in memory, and a hash of counters
 * would take several times as much. `17;2k9x…,5t,6mo,;…` is one write in the 17th minute of the hour; each part after a
 * `;` is a line with facet, latency bucket, cost and extra cost, as numbers in base 36, empty for unknown. A line takes
 * 40 to 50 bytes (measured, including the space that Redis reserves for a string to grow). A day with 1000 calls and
 * 600 tasks takes 80 kB, a day with a million calls 70 MB, kept for `ledgerRetentionMs`. When Redis runs out of memory,
 * writes fail with an error that says so.
 */
const base = 36;

/**
 * The last values for every script that calls `addLines` of the prelude: retention in ms, lines, then hash and JSON of
 * each facet in turn.
 */
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

/**
 * Sums of lines by facet; see `Ledger.tally`. Reads one hour per script, so that no script blocks the server for long.
 */
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

/** Deletes the hours that are older than `ledgerRetentionMs`. */
export async function pruneLedger(connection: RedisConnection): Promise<void> {
	await connection.run(pruneLedgerScript, [ledgerRetentionMs]);
}

function facetOf(text: string): number {
	return Number.parseInt(text, base);
}

/**
 * Calls `take` for each line in the text of an hour that was written in the given minutes. These are counted from the
 * epoch; `to` is exclusive.
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

/** Values: see `ledgerValues`. */
export const addLinesScript = script(`addLines(3)`);

/** Values: first and last hour, inclusive. Returns the hours in between that have lines. */
const hoursScript = script(`return redis.call('ZRANGEBYSCORE', prefix .. 'ledger', ARGV[2], ARGV[3])`);

/**
 * Value: hour. Returns its lines, and hash and JSON of the facets of its day in turn; an empty list when it has no
 * lines.
 */
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
