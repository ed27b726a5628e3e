import { isObject, listOf, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import type { ReplyApi } from '.';

/** The parts of a reply that tell whether two forms of it are the same one. Plain, so that a test can trust it. */
export interface ReadReply {
	text: string;
	calls: Array<{ name: string; args: unknown }>;
	words: string[];
	output: number;
	/** Whatever seals reasoning, in order. */
	seals: string[];
}

const nothing = (): ReadReply => ({ text: '', calls: [], words: [], output: 0, seals: [] });

/** Undefined for arguments that were cut off. */
export function argsOf(text: string): unknown {
	try {
		return text === '' ? {} : JSON.parse(text);
	} catch {
		return undefined;
	}
}

export function eventsIn(stream: readonly string[]): readonly JsonObject[] {
	return stream
		.join('')
		.split(/\r?\n/)
		.map((line) => line.replace(/^data: /, ''))
		.filter((line) => line.startsWith('{'))
		.map((line) => objectOf(JSON.parse(line)));
}

export function readBody(api: ReplyApi, body: JsonObject): ReadReply {
	const read = nothing();
	const call = (name: unknown, args: unknown) => args !== undefined && read.calls.push({ name: textOf(name), args });
	const word = (...found: unknown[]) => read.words.push(...found.filter((one) => typeof one === 'string'));
	switch (api) {
		case 'anthropic-messages':
			for (const [, block] of objectsOf(body['content'])) {
				read.text += textOf(block['text']);
				if (block['type'] === 'tool_use') call(block['name'], block['input']);
				for (const seal of [block['signature'], block['data']]) if (seal) read.seals.push(textOf(seal));
			}
			word(body['stop_reason']);
			read.output = Number(objectOf(body['usage'])['output_tokens'] ?? 0);
			break;
		case 'openai-responses':
			for (const [, item] of objectsOf(body['output'])) {
				for (const [, part] of objectsOf(item['content'])) read.text += textOf(part['text']);
				for (const [, part] of objectsOf(item['content'])) word(part['refusal']);
				if (item['type'] === 'function_call') call(item['name'], argsOf(textOf(item['arguments'])));
				if (item['type'] === 'reasoning') read.seals.push(textOf(item['encrypted_content']));
			}
			word(body['status'], objectOf(body['incomplete_details'])['reason']);
			read.output = Number(objectOf(body['usage'])['output_tokens'] ?? 0);
			break;
		case 'gemini-generate':
			return readGemini([body]);
		case 'ollama-chat':
			return readOllama([body]);
		default: {
			const choice = objectOf(listOf(body['choices'])[0]);
			const message = objectOf(choice['message']);
			read.text = textOf(message['content']);
			for (const [, { function: named }] of objectsOf(message['tool_calls'])) {
				call(objectOf(named)['name'], argsOf(textOf(objectOf(named)['arguments'])));
			}
			word(message['refusal'], choice['finish_reason']);
			read.output = Number(objectOf(body['usage'])['completion_tokens'] ?? 0);
		}
	}
	return read;
}

/** Puts the pieces of a stream together, without a look at the whole that some vendors send at the end. */
export function readStream(api: ReplyApi, stream: readonly string[]): ReadReply {
	const events = eventsIn(stream);
	switch (api) {
		case 'anthropic-messages':
			return readAnthropic(events);
		case 'openai-responses':
			return readResponses(events);
		case 'gemini-generate':
			return readGemini(events);
		case 'ollama-chat':
			return readOllama(events);
		default:
			return readChat(events);
	}
}

function readAnthropic(events: readonly JsonObject[]): ReadReply {
	const read = nothing();
	const open = new Map<unknown, { name: string; json: string }>();
	for (const event of events) {
		const block = objectOf(event['content_block']);
		const delta = objectOf(event['delta']);
		if (block['type'] === 'tool_use') open.set(event['index'], { name: textOf(block['name']), json: '' });
		if (block['data']) read.seals.push(textOf(block['data']));
		read.text += textOf(delta['text']);
		const calling = open.get(event['index']);
		if (calling) calling.json += textOf(delta['partial_json']);
		if (delta['signature']) read.seals.push(textOf(delta['signature']));
		if (event['type'] === 'message_delta') {
			read.words.push(textOf(delta['stop_reason']));
			read.output = Number(objectOf(event['usage'])['output_tokens']);
		}
	}
	read.calls = [...open.values()].map(({ name, json }) => ({ name, args: argsOf(json) ?? {} }));
	return read;
}

function readResponses(events: readonly JsonObject[]): ReadReply {
	const read = nothing();
	for (const event of events) {
		const item = objectOf(event['item']);
		if (event['type'] === 'response.output_text.delta') read.text += textOf(event['delta']);
		if (event['type'] === 'response.refusal.done') read.words.push(textOf(event['refusal']));
		if (event['type'] === 'response.function_call_arguments.done') {
			const args = argsOf(textOf(event['arguments']));
			if (args !== undefined) read.calls.push({ name: textOf(event['name']), args });
		}
		if (event['type'] === 'response.output_item.done' && item['encrypted_content']) {
			read.seals.push(textOf(item['encrypted_content']));
		}
		if (['response.completed', 'response.incomplete', 'response.failed'].includes(textOf(event['type']))) {
			const end = readBody('openai-responses', { ...objectOf(event['response']), output: [] });
			read.words.push(...end.words);
			read.output = end.output;
		}
	}
	return read;
}

function readGemini(replies: readonly JsonObject[]): ReadReply {
	const read = nothing();
	for (const reply of replies) {
		const candidate = objectOf(listOf(reply['candidates'])[0]);
		for (const [, part] of objectsOf(objectOf(candidate['content'])['parts'])) {
			if (part['thought'] !== true) read.text += textOf(part['text']);
			const { name, args } = objectOf(part['functionCall']);
			if (isObject(part['functionCall'])) read.calls.push({ name: textOf(name), args: args ?? {} });
			if (part['thoughtSignature']) read.seals.push(textOf(part['thoughtSignature']));
		}
		for (const word of [candidate['finishReason'], objectOf(reply['promptFeedback'])['blockReason']]) {
			if (typeof word === 'string') read.words.push(word);
		}
		const { candidatesTokenCount, thoughtsTokenCount } = objectOf(reply['usageMetadata']);
		read.output = Number(candidatesTokenCount ?? 0) + Number(thoughtsTokenCount ?? 0);
	}
	return read;
}

function readOllama(lines: readonly JsonObject[]): ReadReply {
	const read = nothing();
	for (const line of lines) {
		const message = objectOf(line['message']);
		read.text += textOf(message['content']);
		for (const [, { function: named }] of objectsOf(message['tool_calls'])) {
			read.calls.push({ name: textOf(objectOf(named)['name']), args: objectOf(named)['arguments'] });
		}
		if (line['done'] === true) read.words.push(textOf(line['done_reason']));
		read.output += Number(line['eval_count'] ?? 0);
	}
	return read;
}

function readChat(chunks: readonly JsonObject[]): ReadReply {
	const read = nothing();
	const calls: Array<{ name: string; json: string }> = [];
	let refusal = '';
	for (const chunk of chunks) {
		const choice = objectOf(listOf(chunk['choices'])[0]);
		const delta = objectOf(choice['delta']);
		read.text += textOf(delta['content']);
		refusal += textOf(delta['refusal']);
		for (const [place, { index, function: piece }] of objectsOf(delta['tool_calls'])) {
			const call = (calls[Number(index ?? place)] ??= { name: '', json: '' });
			call.name += textOf(objectOf(piece)['name']);
			call.json += textOf(objectOf(piece)['arguments']);
		}
		if (typeof choice['finish_reason'] === 'string') read.words.push(choice['finish_reason']);
		read.output = Number(objectOf(chunk['usage'])['completion_tokens'] ?? read.output);
	}
	if (refusal !== '') read.words.unshift(refusal);
	read.calls = calls.flatMap(({ name, json }) => (argsOf(json) === undefined ? [] : [{ name, args: argsOf(json) }]));
	return read;
}
