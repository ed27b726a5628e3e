import type { IExecuteFunctions } from 'n8n-workflow';

/** The part of n8n's execution context that no type names. The same in n8n-core 1.122, 2.20 and 2.41. */
interface WithHooks {
	readonly additionalData?: {
		readonly hooks?: { addHandler?(hook: 'workflowExecuteAfter', handler: () => Promise<void>): void };
	};
}

/**
 * Calls `ended` once n8n has stored that the execution ended, however, or that it waits. It may call it more than once.
 * n8n's own `onExecutionFinish` keeps silent about an execution that waits, and is missing in 2.20.
 */
export function onExecutionEnd(context: IExecuteFunctions, ended: () => Promise<void>): 'will tell' | 'cannot tell' {
	const hooks = (context as WithHooks).additionalData?.hooks;
	if (typeof hooks?.addHandler !== 'function') return 'cannot tell';
	hooks.addHandler('workflowExecuteAfter', ended);
	return 'will tell';
}
