import { objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { encryptReasoning } from '../openai/responses-input';
import { piecesOf, uniqueName, usualUsage, type ScriptedReply } from './scripted-reply';

export function responsesReply(reply: ScriptedReply, request: JsonObject): JsonObject {
	const { text = '', calls = [], reasoning, finish, usage } = reply;
	const { input, output, reasoning: thoughts, cacheRead, cacheWritten } = { ...usualUsage, ...usage };
	const status = finish === 'length' ? 'incomplete' : 'completed';
	const said =
		finish === 'refusal'
			? { type: 'refusal', refusal: text || 'I can’t help with that.' }
			: { type: 'output_text', text, annotations: [], logprobs: [] };
	const thought = {
		type: 'reasoning',
		id: `rs_${uniqueName(48)}`,
		summary: [],
		encrypted_content: encryptReasoning(request),
	};
	// What an item came from is told by its ID here, so that the check can miss it as the API does.
	const ownId = (kind: string) => `${kind}_${reasoning === undefined ? uniqueName(48) : `reasoned${uniqueName(40)}`}`;
	const answer = { type: 'message', id: ownId('msg'), status, role: 'assistant', content: [said] };
	return {
		id: `resp_${uniqueName(48)}`,
		object: 'response',
		created_at: 1_790_000_000,
		status,
		error: null,
		incomplete_details: finish === 'length' ? { reason: 'max_output_tokens' } : null,
		model: request['model'],
		output: [
			...(reasoning === undefined ? [] : [thought]),
			...(text === '' && finish !== 'refusal' ? [] : [answer]),
			...calls.map(({ name, args }) => ({
				type: 'function_call',
				id: ownId('fc'),
				call_id: `call_${uniqueName(24)}`,
				name,
				arguments: JSON.stringify(args),
				status: 'completed',
			})),
		],
		store: request['store'] ?? true,
		service_tier: request['service_tier'] ?? 'default',
		usage: {
			input_tokens: input,
			input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWritten },
			output_tokens: output,
			output_tokens_details: { reasoning_tokens: thoughts },
			total_tokens: input + output,
		},
	};
}

/** The events in the order of OpenAI's reference, each with its number. */
export function* responsesEvents(reply: JsonObject): Generator<JsonObject, void> {
	let number = 0;
	const event = (type: string, more: JsonObject): JsonObject => ({ type, sequence_number: number++, ...more });
	const begun = { ...reply, status: 'in_progress', output: [], usage: null, incomplete_details: null };
	yield event('response.created', { response: begun });
	yield event('response.in_progress', { response: begun });
	for (const [output_index, item] of objectsOf(reply['output'])) {
		const place = { item_id: item['id'], output_index };
		yield event('response.output_item.added', { output_index, item: { ...item, ...emptied(item) } });
		if (item['type'] === 'function_call') {
			for (const delta of piecesOf(textOf(item['arguments']))) {
				yield event('response.function_call_arguments.delta', { ...place, delta });
			}
			const { name, arguments: args } = item;
			yield event('response.function_call_arguments.done', { ...place, name, arguments: args });
		}
		for (const [content_index, part] of objectsOf(item['content'])) {
			const at = { ...place, content_index };
			const [kind, field] = part['type'] === 'refusal' ? ['refusal', 'refusal'] : ['output_text', 'text'];
			yield event('response.content_part.added', { ...at, part: { ...part, [field]: '' } });
			for (const delta of piecesOf(textOf(part[field]))) yield event(`response.${kind}.delta`, { ...at, delta });
			yield event(`response.${kind}.done`, { ...at, [field]: part[field] });
			yield event('response.content_part.done', { ...at, part });
		}
		yield event('response.output_item.done', { output_index, item });
	}
	yield event(`response.${textOf(reply['status'])}`, { response: objectOf(reply) });
}

/** An item at its beginning; its encrypted content may be short of what comes at the end. */
function emptied(item: JsonObject): JsonObject {
	switch (item['type']) {
		case 'function_call':
			return { arguments: '', status: 'in_progress' };
		case 'reasoning':
			return { encrypted_content: textOf(item['encrypted_content']).slice(0, 20) };
		default:
			return { content: [], status: 'in_progress' };
	}
}
