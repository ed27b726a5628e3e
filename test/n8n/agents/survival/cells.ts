import type { Vendor } from '../../simulated-providers/vendor.ts';
import { faults, type Fault } from '../vendors/faults.ts';
import { booking, calculating, type Script } from '../vendors/scripts.ts';
import type { Plan } from '../vendors/vendor-server.ts';
import type { ModelPlug } from '../workflows/model-plug.ts';

/** What the agent is asked to do: `book` needs the tool that writes, at once. */
export type Task = 'calculate' | 'book';

export const tasks: Readonly<Record<Task, Script>> = { calculate: calculating, book: booking };

/** One run of an agent: what happens to the model it asks first, at which of its two turns. */
export interface Cell {
	/** `none`: all are well. */
	readonly fault: Fault | 'none';
	/** `second`: the turn after the tool's result. */
	readonly turn: 'first' | 'second';
	readonly task: Task;
	readonly streamed: boolean;
}

/** Faults after which an eager reader may run a call that its model did not finish, or did not mean so. */
const aboutCalls: readonly Fault[] = [
	'truncated',
	'reset_within_body',
	'broken_arguments',
	'unfitting_arguments',
	'cut_arguments',
];

/** Each fault at both turns, and those about calls once more with a tool that writes; whole and streamed. */
export const allCells: readonly Cell[] = [false, true].flatMap((streamed): readonly Cell[] => [
	{ fault: 'none', turn: 'first', task: 'calculate', streamed },
	...faults.flatMap((fault) =>
		(['first', 'second'] as const).map((turn): Cell => ({ fault, turn, task: 'calculate', streamed })),
	),
	...aboutCalls.map((fault): Cell => ({ fault, turn: 'first', task: 'book', streamed })),
]);

/** Just enough to see whether a conversation can move from one vendor to the next. */
export const movingCells: readonly Cell[] = allCells.filter(({ fault }) => fault === 'none' || fault === 'overloaded');

/** Whether the vendor's format leaves room for this fault. */
export function canHappen({ fault, streamed }: Cell, vendor: Vendor | undefined): boolean {
	// Ollama cannot mark a refusal: it is a text like any other.
	if (vendor === 'ollama') return fault !== 'refusal';
	// Anthropic's whole answers hold arguments as an object.
	if (vendor === 'anthropic') return fault !== 'broken_arguments' || streamed;
	return true;
}

/** Cells that end by a time limit, if at all: they cost nothing but time, so they run side by side. */
export function waits({ fault }: Cell): boolean {
	return fault === 'hang' || fault === 'stall';
}

export function planOf({ fault, turn, task }: Cell, { vendors: [first] }: ModelPlug): Plan {
	const troubles = fault === 'none' || first === undefined ? {} : { [first]: { fault, turn } };
	return { script: tasks[task], troubles, retryAfterSeconds: 2 };
}
