import { objectOf, textOf, type JsonObject } from '../json';
import { piecesOf, uniqueName, usualUsage, type ScriptedReply } from './scripted-reply';

export function ollamaReply(reply: ScriptedReply, request: JsonObject): JsonObject {
	const { text = '', calls = [], reasoning, finish, usage } = reply;
	const { input, output } = { ...usualUsage, ...usage };
	return {
		model: request['model'],
		created_at: '2026-11-21T12:00:00.000000Z',
		message: {
			role: 'assistant',
			content: text,
			...(reasoning !== undefined && request['think'] !== false && { thinking: reasoning }),
			...(calls.length > 0 && {
				tool_calls: calls.map(({ name, args }, index) => ({
					id: `call_${uniqueName(8)}`,
					function: { index, name, arguments: args },
				})),
			}),
		},
		// Ollama has no word of its own for a refusal, nor for a call.
		done: true,
		done_reason: finish === 'length' ? 'length' : 'stop',
		total_duration: 900_000_000,
		load_duration: 90_000_000,
		prompt_eval_count: input,
		prompt_eval_duration: 90_000_000,
		eval_count: output,
		eval_duration: 700_000_000,
	};
}

/** server/routes.go: pieces, calls whole, and a last line without content that has the numbers. */
export function* ollamaEvents(reply: JsonObject): Generator<JsonObject, void> {
	const { message, ...rest } = reply;
	const { model, created_at } = rest;
	const { content, thinking, tool_calls } = objectOf(message);
	const line = (more: JsonObject): JsonObject => ({
		model,
		created_at,
		message: { role: 'assistant', content: '', ...more },
		done: false,
	});
	for (const piece of piecesOf(textOf(thinking))) yield line({ thinking: piece });
	for (const piece of piecesOf(textOf(content))) yield line({ content: piece });
	if (tool_calls !== undefined) yield line({ tool_calls });
	yield { ...rest, message: { role: 'assistant', content: '' } };
}

export function jsonLines(events: Iterable<JsonObject>): readonly string[] {
	return [...events].map((event) => `${JSON.stringify(event)}\n`);
}
