import type { EpochMs } from '../../engine/clock';
import type { LedgerEntry, LedgerQuery, LedgerSum } from '../../engine/store/ledger';
import { ledgerLine, type LedgerLine } from '../ledger-line';
import { hourMs, ledgerRetentionMs, minuteMs } from '../ledger-retention';
import { createLedgerSums } from '../ledger-sums';

/** The ledger of the task store in memory. */
export function createMemoryLedger() {
	let lines: { readonly minute: number; readonly line: LedgerLine }[] = [];
	return {
		add(entries: readonly LedgerEntry[], now: EpochMs): void {
			const minute = Math.floor(now / minuteMs);
			lines.push(...entries.map((entry) => ({ minute, line: ledgerLine(entry) })));
		},
		tally({ from, to }: LedgerQuery): readonly LedgerSum[] {
			const sums = createLedgerSums();
			const wanted = lines.filter(
				({ minute }) => minute >= Math.floor(from / minuteMs) && minute < Math.floor(to / minuteMs),
			);
			for (const { line } of wanted) sums.addLine(line);
			return sums.sums(new Map(wanted.map(({ line }) => [line.facet, line.facets])));
		},
		/** Deletes lines older than `ledgerRetentionMs`, by whole hours as the other stores do. */
		prune(now: EpochMs): void {
			const firstHour = Math.floor((now - ledgerRetentionMs) / hourMs);
			lines = lines.filter(({ minute }) => Math.floor((minute * minuteMs) / hourMs) >= firstHour);
		},
	};
}
