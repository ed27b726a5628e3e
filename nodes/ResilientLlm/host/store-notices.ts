import { LoggerProxy, type Logger } from 'n8n-workflow';

import type { StoreNotice } from '../stores/store-notice';
import { logEvent } from './log';

/** What a store tells on its own: a line in n8n's log, and for a loss also a warning on the items of that time. */
export interface StoreNotices {
	readonly tell: (notice: StoreNotice) => void;
	/** From now on. What it gives tells, when asked, what was lost since, in words. */
	watchLosses(): () => readonly string[];
}

const levels = { information: 'info', warning: 'warn', loss: 'error' } as const;

export function createStoreNotices(logger: Pick<Logger, 'info' | 'warn' | 'error'> = n8nsOwnLog): StoreNotices {
	const watchers = new Set<string[]>();
	return {
		tell({ kind, words }) {
			logEvent(logger, levels[kind], 'task-store-notice', { notice: words });
			if (kind === 'loss') for (const losses of watchers) losses.push(words);
		},
		watchLosses() {
			const losses: string[] = [];
			watchers.add(losses);
			return () => {
				watchers.delete(losses);
				return losses;
			};
		},
	};
}

/** The store outlives every execution, and with it every execution's own logger. */
const n8nsOwnLog = {
	info: (...line: Parameters<Logger['info']>) => LoggerProxy.info(...line),
	warn: (...line: Parameters<Logger['warn']>) => LoggerProxy.warn(...line),
	error: (...line: Parameters<Logger['error']>) => LoggerProxy.error(...line),
};
