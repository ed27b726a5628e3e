import { LoggerProxy, type Logger } from 'n8n-workflow';

import type { StoreNotice } from '../stores/store-notice';
import { logEvent } from './log';

/**
 * Passes on the messages of a store: each becomes a line in n8n's log, and a loss also a warning on the items that are
 * being processed at the time.
 */
export interface StoreNotices {
	readonly tell: (notice: StoreNotice) => void;
	/** Starts watching for losses. The returned function stops watching, and returns the messages of the losses since. */
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

/** n8n's global logger: the store outlives the executions, and so also their loggers. */
const n8nsOwnLog = {
	info: (...line: Parameters<Logger['info']>) => LoggerProxy.info(...line),
	warn: (...line: Parameters<Logger['warn']>) => LoggerProxy.warn(...line),
	error: (...line: Parameters<Logger['error']>) => LoggerProxy.error(...line),
};
