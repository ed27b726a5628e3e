import type { IExecuteFunctions } from 'n8n-workflow';

/** Properties of n8n's execution context that its types do not declare. The same in n8n-core 1.122, 2.20 and 2.41. */
interface WithHooks {
	readonly additionalData?: {
		readonly hooks?: { addHandler?(hook: 'workflowExecuteAfter', handler: () => Promise<void>): void };
	};
}

/**
 * Calls `ended` once n8n has stored that the execution ended, in any way, or that it waits; possibly more than once.
 * n8n's own `onExecutionFinish` is not called for an execution that waits, and does not exist in 2.20. Returns `cannot
 * tell`, and never calls `ended`, if this n8n has no such hook.
 */
export function onExecutionEnd(context: IExecuteFunctions, ended: () => Promise<void>): 'will tell' | 'cannot tell' {
	const hooks = (context as WithHooks).additionalData?.hooks;
	if (typeof hooks?.addHandler !== 'function') return 'cannot tell';
	hooks.addHandler('workflowExecuteAfter', ended);
	return 'will tell';
}
