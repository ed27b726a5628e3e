import type { Ledger } from '../engine/store/ledger';
import type { GroupBy } from './groups';
import { slicesOf, type TimeSpan } from './report-window';
import { WindowTally } from './window-tally';

export interface LedgerReading {
	readonly ledger: Ledger;
	readonly groupBy: GroupBy;
	/** Empty: all. */
	readonly workflowId: string;
	/** Lets the rest of the process have its turn. */
	readonly pause: () => Promise<void>;
}

/** Adds a window up, one slice after the other. */
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
