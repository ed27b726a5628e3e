import type { Refusal } from './protocols/protocol.ts';
import type { Reply, ToolCall } from './reply.ts';

/**
 * What goes over the line instead of the whole answer. `reset` is a TCP reset, `cut` a clean end that comes too early,
 * `closed` a port on which nobody listens.
 */
export type Line = 'whole' | 'closed' | 'hang' | 'stall' | 'reset_before' | 'reset_within' | 'cut' | 'html';

export type Effect =
	| { readonly kind: 'refusal'; readonly refusal: Refusal }
	| { readonly kind: 'answer'; readonly line: Line; readonly words?: (meant: Reply, spare: ToolCall) => Reply };

/** What can go wrong with a call to a model. */
export const faults = [
	'overloaded',
	'rate_limited',
	'quota_exhausted',
	'server_error',
	'connection_refused',
	'hang',
	'stall',
	'reset_before_body',
	'reset_within_body',
	'cut_stream',
	'html',
	'empty',
	'truncated',
	'refusal',
	'wrong_key',
	'unknown_model',
	'context_too_long',
	'broken_arguments',
	'unfitting_arguments',
	'unknown_tool',
	'cut_arguments',
] as const;

export type Fault = (typeof faults)[number];

/** Nothing but the line is wrong: the model says what it means to say. */
const onlyLine = (line: Line): Effect => ({ kind: 'answer', line });
const onlyWords = (words: (meant: Reply, spare: ToolCall) => Reply): Effect => ({
	kind: 'answer',
	line: 'whole',
	words,
});
const refusal = (name: Refusal): Effect => ({ kind: 'refusal', refusal: name });

/** What each fault does. `spare` is a call that the model makes instead of its answer, where calls are the point. */
export const effects: Readonly<Record<Fault, Effect>> = {
	overloaded: refusal('overloaded'),
	rate_limited: refusal('rate_limited'),
	quota_exhausted: refusal('quota_exhausted'),
	server_error: refusal('server_error'),
	connection_refused: onlyLine('closed'),
	hang: onlyLine('hang'),
	stall: onlyLine('stall'),
	reset_before_body: onlyLine('reset_before'),
	reset_within_body: onlyLine('reset_within'),
	cut_stream: {
		kind: 'answer',
		line: 'cut',
		words: (meant) =>
			meant.calls.length > 0 ? { ...meant, text: 'Let me work that out with a tool.', calls: [] } : meant,
	},
	html: onlyLine('html'),
	empty: onlyWords((meant) => ({ ...meant, text: '', calls: [] })),
	truncated: onlyWords((meant) => ({
		...meant,
		text: half(meant.text),
		calls: meant.calls.map(cutShort),
		end: 'length',
	})),
	refusal: onlyWords((meant) => ({
		...meant,
		text: 'I’m sorry, but I can’t help with that.',
		calls: [],
		end: 'refused',
	})),
	wrong_key: refusal('wrong_key'),
	unknown_model: refusal('unknown_model'),
	context_too_long: refusal('context_too_long'),
	broken_arguments: onlyWords(
		calling((call) => ({ ...call, arguments: call.arguments.replace(/"([^"]*)"(?=[,}])/, '$1').replace(',', ' ') })),
	),
	unfitting_arguments: onlyWords(calling((call) => ({ ...call, arguments: '{"sum":["forty-two"]}' }))),
	unknown_tool: onlyWords(calling((call) => ({ ...call, name: 'wolfram_alpha' }))),
	cut_arguments: { kind: 'answer', line: 'cut', words: calling((call) => call) },
};

function calling(change: (call: ToolCall) => ToolCall) {
	return (meant: Reply, spare: ToolCall): Reply => ({
		...meant,
		text: '',
		calls: (meant.calls.length > 0 ? meant.calls : [spare]).map(change),
	});
}

/** What the output limit leaves of a call: enough for an eager reader to make something of it. */
function cutShort(call: ToolCall): ToolCall {
	return { ...call, arguments: call.arguments.slice(0, Math.ceil(call.arguments.length * 0.75)) };
}

function half(text: string): string {
	return text.slice(0, Math.ceil(text.length / 2));
}
