import type { Ledger } from '../engine/store/ledger';
import type { GroupBy } from './groups';
import { slicesOf, type TimeSpan } from './report-window';
import { WindowTally } from './window-tally';

export interface LedgerReading {
	readonly ledger: Ledger;
	readonly groupBy: GroupBy;
	/** Empty: all workflows. */
	readonly workflowId: string;
	/** Called after each slice, to give way to the event loop. */
	readonly pause: () => Promise<void>;
}

/** Adds up the ledger lines of a window, one slice after the other. Rejects when the store does. */
export async function readWindow(
	{ ledger, groupBy, workflowId, pause }: LedgerReading,
	window: TimeSpan,
): Promise<WindowTally> {
	const tally = new WindowTally(groupBy);
	for (const slice of slicesOf(window)) {
		const sums = await ledger.tally(slice);
		tally.addSlice(slice, workflowId === '' ? sums : sums.filter(({ facets }) => facets.workflowId === workflowId));
		await pause();
	}
	return tally;
}
