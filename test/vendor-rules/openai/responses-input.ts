import { duplicatesIn, listOf, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { seal, unseal } from '../seal';
import { refused, type Findings } from '../violation';
import { lengthRule, unknownFields } from './functions';

const itemFields: Readonly<Record<string, string>> = {
	message: 'type role content id status phase',
	function_call: 'type call_id name arguments id status namespace caller',
	function_call_output: 'type call_id output id status name namespace caller',
	reasoning: 'type id summary content encrypted_content status',
};

const idBeginnings: Readonly<Record<string, string>> = {
	message: 'msg',
	function_call: 'fc',
	function_call_output: 'fc',
	reasoning: 'rs',
};

interface Item {
	readonly index: number;
	readonly type: string;
	readonly item: JsonObject;
}

/** Rules on the items of `input`, and on which belong together. */
export function* inputRules(body: JsonObject): Findings {
	const { input } = body;
	if (typeof input === 'string') return;
	if (listOf(input).length === 0) {
		const message = "Missing required parameter: 'input'.";
		yield refused('input', 'input', message, { code: 'missing_required_parameter' });
	}
	const items = objectsOf(input).map(([index, item]) => ({ index, item, type: textOf(item['type'] ?? 'message') }));
	for (const { index, type, item } of items) {
		const path = `input[${index}]`;
		const known = itemFields[type];
		if (known === undefined) {
			const supported = Object.keys(itemFields)
				.map((name) => `'${name}'`)
				.join(', ');
			const message = `Invalid value: '${type}'. Supported values are: ${supported}.`;
			yield refused('item-type', `${path}.type`, message, { code: 'invalid_value' });
			continue;
		}
		yield* unknownFields(item, known, path);
		yield* idRules(item, type, path);
		if (type === 'message') yield* messageRules(item, path);
		if (type === 'function_call') yield* callRules(item, path);
		if (type === 'function_call_output') yield* outputRules(item, path);
		if (type === 'reasoning') yield* reasoningRules(item, path, textOf(body['model']));
	}
	yield* callPairingRules(items);
	yield* reasoningPairingRules(items);
	for (const id of duplicatesIn(items.flatMap(({ item }) => (typeof item['id'] === 'string' ? [item['id']] : [])))) {
		const message = `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`;
		yield refused('item-unique', 'input', message);
	}
}

function* idRules(item: JsonObject, type: string, path: string): Findings {
	const { id } = item;
	if (id === undefined || id === null) return;
	const beginning = idBeginnings[type] ?? '';
	if (!textOf(id).startsWith(beginning)) {
		const message = `Invalid '${path}.id': '${textOf(id)}'. Expected an ID that begins with '${beginning}'.`;
		yield refused('item-id', `${path}.id`, message, { code: 'invalid_value' });
	}
	yield* lengthRule(textOf(id), 64, `${path}.id`, 'item-id-length');
}

function* messageRules(item: JsonObject, path: string): Findings {
	const role = textOf(item['role']);
	if (!['user', 'assistant', 'system', 'developer'].includes(role)) {
		const message = `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`;
		yield refused('role', `${path}.role`, message, { code: 'invalid_value' });
		return;
	}
	const { content } = item;
	if (typeof content !== 'string' && !Array.isArray(content)) {
		const message = `Missing required parameter: '${path}.content'.`;
		yield refused('content', `${path}.content`, message, { code: 'missing_required_parameter' });
	}
	const allowed = role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file'];
	yield* partRules(content, allowed, `${path}.content`);
}

function* partRules(content: unknown, allowed: readonly string[], path: string): Findings {
	for (const [place, part] of objectsOf(content)) {
		const where = `${path}[${place}]`;
		const type = textOf(part['type']);
		if (!allowed.includes(type)) {
			const supported = allowed
				.map((name) => `'${name}'`)
				.join(', ')
				.replace(/, ([^,]*)$/, ' and $1');
			const message = `Invalid value: '${type}'. Supported values are: ${supported}.`;
			yield refused('part-type', where, message, { code: 'invalid_value' });
			continue;
		}
		if (type.endsWith('text') && typeof part['text'] !== 'string') {
			const message = `Missing required parameter: '${where}.text'.`;
			yield refused('part-text', where, message, { code: 'missing_required_parameter' });
		}
		if (type === 'input_image') yield* imageRules(part, where);
		if (type === 'input_file') yield* fileRules(part, where);
	}
}

function* imageRules(part: JsonObject, path: string): Findings {
	if (part['file_id'] !== undefined) return;
	const url = part['image_url'];
	if (typeof url !== 'string') {
		const message = `Invalid type for '${path}.image_url': expected an image URL, but got an object instead.`;
		yield refused('image', path, message, { code: 'invalid_type' });
	} else if (!/^(?:https?:\/\/|data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$)/.test(url)) {
		const message = `Invalid '${path}.image_url'. Expected a base64-encoded data URL with an image MIME type.`;
		yield refused('image', path, message, { code: 'invalid_value' });
	}
}

function* fileRules(part: JsonObject, path: string): Findings {
	if (part['file_id'] !== undefined || part['file_url'] !== undefined) return;
	const isPdf = /^data:application\/pdf;base64,[A-Za-z0-9+/]+=*$/.test(textOf(part['file_data']));
	if (isPdf && textOf(part['filename']) !== '') return;
	const message = isPdf
		? `Missing required parameter: '${path}.filename'.`
		: `Invalid '${path}.file_data'. Expected a base64-encoded data URL with a supported MIME type.`;
	yield refused('file', path, message, { code: isPdf ? 'missing_required_parameter' : 'invalid_value' });
}

function* callRules(item: JsonObject, path: string): Findings {
	for (const field of ['call_id', 'name', 'arguments']) {
		if (typeof item[field] === 'string' && (item[field] !== '' || field === 'arguments')) continue;
		const message = `Missing required parameter: '${path}.${field}'.`;
		yield refused('call-field', `${path}.${field}`, message, { code: 'missing_required_parameter' });
	}
	yield* lengthRule(textOf(item['call_id']), 64, `${path}.call_id`, 'call-id-length');
}

function* outputRules(item: JsonObject, path: string): Findings {
	const { output } = item;
	if (typeof output !== 'string' && !Array.isArray(output)) {
		const message = `Missing required parameter: '${path}.output'.`;
		yield refused('output', `${path}.output`, message, { code: 'missing_required_parameter' });
	}
	yield* partRules(output, ['input_text', 'input_image', 'input_file'], `${path}.output`);
	yield* lengthRule(textOf(item['call_id']), 64, `${path}.call_id`, 'call-id-length');
}

/** We never store, so an item counts for what it carries: without encrypted content there is nothing behind its ID. */
function* reasoningRules(item: JsonObject, path: string, model: string): Findings {
	for (const field of ['id', 'summary']) {
		if (item[field] !== undefined) continue;
		const message = `Missing required parameter: '${path}.${field}'.`;
		yield refused('reasoning-field', `${path}.${field}`, message, { code: 'missing_required_parameter' });
	}
	const encrypted = item['encrypted_content'];
	if (typeof encrypted !== 'string' || encrypted === '') {
		const message =
			`Item with id '${textOf(item['id'])}' not found. Items are not persisted when \`store\` is set to false. ` +
			'Try again with `store` set to true, or remove this item from your input.';
		yield refused('reasoning-not-stored', path, message, { status: 404 });
		return;
	}
	const contents = unseal(encrypted);
	if (contents?.vendor === 'openai' && contents.model === model) return;
	const message =
		`The encrypted content for item ${textOf(item['id'])} could not be verified. ` +
		'Reason: Encrypted content could not be decrypted or parsed.';
	yield refused('reasoning-foreign', path, message, { code: 'invalid_encrypted_content' });
}

function* callPairingRules(items: readonly Item[]): Findings {
	const idsOf = (wanted: string) =>
		items.flatMap(({ type, item }) => (type === wanted ? [textOf(item['call_id'])] : []));
	const called = idsOf('function_call');
	const answered = idsOf('function_call_output');
	for (const id of called.filter((call) => !answered.includes(call))) {
		yield refused('result-missing', 'input', `No tool output found for function call ${id}.`, { code: null });
	}
	for (const { index, type, item } of items) {
		if (type !== 'function_call_output') continue;
		const id = textOf(item['call_id']);
		const before = items
			.slice(0, index)
			.some((other) => other.type === 'function_call' && other.item['call_id'] === id);
		if (before) continue;
		const message = `No tool call found for function call output with call_id ${id}.`;
		yield refused('result-unexpected', 'input', message, { code: null });
	}
	for (const id of duplicatesIn(called)) {
		yield refused('call-id-unique', 'input', `Duplicate function call found with call_id ${id}.`);
	}
}

/** A reasoning item stands before what it led to, and what it led to does not come with its ID but without it. */
function* reasoningPairingRules(items: readonly Item[]): Findings {
	for (const { index, type, item } of items) {
		if (type === 'reasoning') {
			const next = items[index + 1];
			const follows =
				next !== undefined &&
				(next.type === 'reasoning' ||
					next.type === 'function_call' ||
					(next.type === 'message' && next.item['role'] === 'assistant'));
			if (follows) continue;
			const message = `Item '${textOf(item['id'])}' of type 'reasoning' was provided without its required following item.`;
			yield refused('reasoning-alone', 'input', message, { code: null });
		}
		const id = textOf(item['id']);
		if (!reasonedIds.test(id) || hasReasoningBefore(items, index)) continue;
		const message =
			`Item '${id}' of type '${type}' was provided without its required 'reasoning' item: ` +
			`'rs_${id.slice(id.indexOf('_') + 1)}'.`;
		yield refused('reasoning-missing', 'input', message, { code: null });
	}
}

/** The API knows by its own records what came from reasoning; here the IDs of the strict server say it. */
const reasonedIds = /^(?:fc|msg)_reasoned/;

function hasReasoningBefore(items: readonly Item[], index: number): boolean {
	for (const { type, item } of items.slice(0, index).reverse()) {
		if (type === 'reasoning') return true;
		const isOfSameTurn = type === 'function_call' || (type === 'message' && item['role'] === 'assistant');
		if (!isOfSameTurn) return false;
	}
	return false;
}

/** The encrypted content that the API would give a reasoning item of its answer. */
export function encryptReasoning(request: unknown): string {
	return seal({ vendor: 'openai', model: textOf(objectOf(request)['model']) });
}
