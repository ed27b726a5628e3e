import type { ToolChoice } from '../../engine/conversation';

/** Converts the `tool_choice` given to LangChain's `bindTools`, in any vendor's format. */
export function toolChoiceFrom(value: unknown): ToolChoice {
	if (typeof value === 'string') {
		switch (value) {
			case '':
			case 'auto':
				return { kind: 'auto' };
			case 'any':
			case 'required':
				return { kind: 'required' };
			case 'none':
				return { kind: 'none' };
			default:
				return { kind: 'tool', name: value };
		}
	}
	if (typeof value !== 'object' || value === null) return { kind: 'auto' };
	const { type, name, function: inner } = value as Readonly<Record<string, unknown>>;
	const named = name ?? (inner as { readonly name?: unknown } | undefined)?.name;
	if (typeof named === 'string' && named !== '') return { kind: 'tool', name: named };
	return type === 'tool' || type === 'function' ? { kind: 'auto' } : toolChoiceFrom(type ?? '');
}
