import type { ToolRun } from '../../review/n8n-rest.ts';
import type { Heard } from '../heard.ts';
import type { Script } from '../vendors/scripts.ts';

export type Verdict = 'right' | 'wrong' | 'error' | 'hang';

export interface Outcome {
	readonly verdict: Verdict;
	/** Why it is not right, in a few words. */
	readonly why?: string;
	/** What tools did that the model had not asked for like this, or not finished asking for. */
	readonly acted?: readonly string[];
}

/** Everything that a run left behind. */
export interface Traces {
	readonly script: Script;
	readonly heard: Heard;
	readonly streamed: boolean;
	/** As n8n keeps the execution. */
	readonly status: string;
	readonly error: string | undefined;
	/** Of the agent's item; undefined when there is none. */
	readonly output: unknown;
	readonly calculations: readonly ToolRun[];
	/** The bodies that the tool that writes was called with. */
	readonly bookings: readonly unknown[];
}

/** `right` only when item and caller have the whole answer and nothing else, and no tool ran with anything unmeant. */
export function outcomeOf(traces: Traces): Outcome {
	const { script, heard, streamed, status, error, output } = traces;
	const acted = unaskedActs(traces);
	const more = acted.length > 0 ? { acted } : {};
	if (!heard.ended) return { verdict: 'hang', why: 'no end within the limit', ...more };
	if (status !== 'success') return { verdict: 'error', why: error ?? status, ...more };
	const text = typeof output === 'string' ? output : '';
	const wrong = whyWrong(text, script.answer) ?? (streamed ? whyWrong(streamedText(heard), script.answer) : undefined);
	if (wrong !== undefined) return { verdict: 'wrong', why: wrong, ...more };
	return acted.length > 0 ? { verdict: 'wrong', why: 'ran a call that nobody meant', ...more } : { verdict: 'right' };
}

/** The text that a streaming client shows. */
export function streamedText({ pieces }: Heard): string {
	return pieces.flatMap(({ type, content }) => (type === 'item' ? [content] : [])).join('');
}

/** What the person at the other end got to read. */
export function readBy({ heard, streamed }: Pick<Traces, 'heard' | 'streamed'>): string {
	if (!streamed) return heard.body;
	const failed = heard.pieces.filter(({ type }) => type === 'error').map(({ content }) => `[error: ${content}]`);
	return [streamedText(heard), ...failed].filter((part) => part !== '').join(' ');
}

function whyWrong(text: string, answer: string): string | undefined {
	if (text === answer) return undefined;
	if (text === '') return 'empty';
	if (answer.startsWith(text)) return 'cut off';
	if (text.endsWith(answer)) return 'glued together';
	return 'not the answer';
}

/** The calculator may run twice, but on nothing else than was meant. The tool that writes may run once at most. */
function unaskedActs({ script, calculations, bookings }: Traces): readonly string[] {
	const meant = script.call === undefined ? undefined : canonical(JSON.parse(script.call.arguments) as unknown);
	const calculated = calculations
		.filter(
			({ input, output, error }) => error === undefined && isResult(output) && canonical(withoutId(input)) !== meant,
		)
		.map(({ input }) => `calculated ${JSON.stringify(withoutId(input))}`);
	const asked = bookings.findIndex((body) => canonical(body) === meant);
	const booked = bookings.filter((_, index) => index !== asked).map((body) => `booked ${JSON.stringify(body)}`);
	return [...calculated, ...booked];
}

/** The calculator says what it could not read, too. */
function isResult(output: unknown): boolean {
	return /"-?\d+(\.\d+)?"/.test(JSON.stringify(output ?? null));
}

function withoutId(input: unknown): unknown {
	if (typeof input !== 'object' || input === null) return input;
	const { id: _, ...rest } = input as { id?: unknown };
	return rest;
}

/** The same text for the same fields in whatever order. */
function canonical(value: unknown): string {
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
	return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
