import { isObject, listOf, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { digest, seal, unseal } from '../seal';
import { refused, warning, type Findings } from '../violation';
import { generationOf } from './models';

/** The values that the documentation of thought signatures names for calls that another model made. */
export const dummySignatures = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

/** Rules on `contents`: roles, order, parts, calls with their responses and signatures. */
export function* contentRules(body: JsonObject, model: string): Findings {
	const contents = objectsOf(body['contents']);
	if (contents.length === 0) {
		yield refused('no-contents', 'contents', '* GenerateContentRequest.contents: contents is not specified\n');
		return;
	}
	for (const [index, content] of contents) {
		const path = `contents[${index}]`;
		const role = content['role'];
		if (role !== 'user' && role !== 'model' && role !== undefined) {
			yield refused('role', `${path}.role`, 'Please use a valid role: user, model.');
		}
		if (listOf(content['parts']).length === 0) {
			const message = `* GenerateContentRequest.${path}.parts: contents.parts must not be empty.\n`;
			yield refused('no-parts', path, message);
		}
		for (const [place, part] of objectsOf(content['parts'])) yield* partRules(part, role, `${path}.parts[${place}]`);
	}
	yield* orderRules(contents.map(([, content]) => content));
	yield* signatureRules(
		contents.map(([, content]) => content),
		model,
	);
}

const partData = 'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult'.split(' ');
const partExtras = 'thought thoughtSignature mediaResolution videoMetadata toolCall toolResponse'.split(' ');

function* partRules(part: JsonObject, role: unknown, path: string): Findings {
	for (const name of Object.keys(part)) {
		if ([...partData, ...partExtras].includes(name)) continue;
		const message = `Invalid JSON payload received. Unknown name "${name}" at '${path}': Cannot find field.`;
		yield refused('unknown-name', path, message);
	}
	const kinds = partData.filter((name) => part[name] !== undefined);
	if (kinds.length > 1) {
		const message = `Invalid value at '${path}' (oneof), oneof field 'data' is already set. Cannot set '${kinds[1]}'`;
		yield refused('part-data', path, message);
	} else if (kinds.length === 0 && part['thoughtSignature'] === undefined) {
		const blame = "required oneof field 'data' must have one initialized field";
		const message = `* GenerateContentRequest.${path}.data: ${blame}\n`;
		yield refused('part-data', path, message);
	}
	if (part['text'] === '' && part['thoughtSignature'] === undefined) {
		yield refused('empty-text', path, 'Unable to submit request because it must have a text parameter.');
	}
	if (part['functionCall'] !== undefined) yield* callRules(objectOf(part['functionCall']), role, path);
	if (part['functionResponse'] !== undefined) yield* responseRules(objectOf(part['functionResponse']), role, path);
	if (part['inlineData'] !== undefined) yield* dataRules(objectOf(part['inlineData']), path);
}

function* callRules(call: JsonObject, role: unknown, path: string): Findings {
	if (role !== 'model') {
		const message =
			'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
		yield refused('call-role', path, message);
	}
	if (textOf(call['name']) === '') {
		const message = `* GenerateContentRequest.${path}.function_call.name: Name cannot be empty.\n`;
		yield refused('call-name', path, message);
	}
	if (call['args'] !== undefined && !isObject(call['args']))
		yield refused('struct', path, notAStruct(path, 'call.args'));
}

function* responseRules(response: JsonObject, role: unknown, path: string): Findings {
	if (role === 'model') {
		const message = 'Please ensure that function response turn comes immediately after a function call turn.';
		yield refused('response-role', path, message);
	}
	if (textOf(response['name']) === '') {
		const message = `* GenerateContentRequest.${path}.function_response.name: Name cannot be empty.\n`;
		yield refused('response-name', path, message);
	}
	if (!isObject(response['response'])) yield refused('struct', path, notAStruct(path, 'response.response'));
}

function notAStruct(path: string, field: string): string {
	return `Invalid value at '${path}.function_${field}' (type.googleapis.com/google.protobuf.Struct)`;
}

const mediaTypes = /^(?:image\/(?:png|jpeg|webp|heic|heif)|application\/pdf|audio\/|video\/|text\/)/;

function* dataRules(data: JsonObject, path: string): Findings {
	const mimeType = textOf(data['mimeType']);
	if (!mediaTypes.test(mimeType)) yield refused('media-type', path, `Unsupported MIME type: ${mimeType}`);
	if (!/^[A-Za-z0-9+/_-]+=*$/.test(textOf(data['data']))) {
		const message = `Invalid value at '${path}.inline_data.data' (TYPE_BYTES), Base64 decoding failed`;
		yield refused('base64', path, message);
	}
}

const callOrder =
	'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
const responseOrder = 'Please ensure that function response turn comes immediately after a function call turn.';
const partCount =
	'Please ensure that the number of function response parts is equal to the number of function call parts ' +
	'of the function call turn.';

function namesIn(content: JsonObject | undefined, field: 'functionCall' | 'functionResponse'): readonly string[] {
	return objectsOf(content?.['parts']).flatMap(([, part]) =>
		part[field] === undefined ? [] : [textOf(objectOf(part[field])['name'])],
	);
}

/** Each model content with calls stands between a user content and the one content with all its responses. */
function* orderRules(contents: readonly JsonObject[]): Findings {
	for (const [index, content] of contents.entries()) {
		const path = `contents[${index}]`;
		const before = contents[index - 1];
		const next = contents[index + 1];
		const calls = namesIn(content, 'functionCall');
		const responses = namesIn(content, 'functionResponse');
		if (calls.length > 0) {
			if (before === undefined || before['role'] === 'model') yield refused('call-order', path, callOrder);
			const answers = namesIn(next, 'functionResponse');
			if (next !== undefined && answers.length === 0) yield refused('call-order', path, callOrder);
			else if (answers.length !== calls.length) yield refused('response-count', path, partCount);
			else yield* matchRules(content, next, `contents[${index + 1}]`);
		}
		if (responses.length > 0) {
			if (namesIn(before, 'functionCall').length === 0) yield refused('response-order', path, responseOrder);
			const mixed = objectsOf(content['parts']).some(([, part]) => part['functionResponse'] === undefined);
			if (mixed) yield warning('response-mixed', path, 'Text beside function responses is refused by older models.');
		}
	}
	if (contents.at(-1)?.['role'] === 'model' && namesIn(contents.at(-1), 'functionCall').length === 0) {
		const message = 'Please ensure that multiturn requests end with a user role or a function response.';
		yield refused('last-role', `contents[${contents.length - 1}]`, message);
	}
	if (contents[0]?.['role'] === 'model' && namesIn(contents[0], 'functionCall').length === 0) {
		yield warning('first-role', 'contents[0]', 'Conversations begin with the user.');
	}
}

/** "Always include the exact `id` from `function_call` in your `function_response`", and the same name. */
function* matchRules(callTurn: JsonObject, answerTurn: JsonObject | undefined, path: string): Findings {
	const calls = objectsOf(callTurn['parts']).flatMap(([, part]) =>
		part['functionCall'] ? [part['functionCall']] : [],
	);
	const answers = objectsOf(answerTurn?.['parts']).flatMap(([, part]) =>
		part['functionResponse'] ? [objectOf(part['functionResponse'])] : [],
	);
	const waiting = calls.map(objectOf);
	for (const answer of answers) {
		const place = waiting.findIndex(({ id, name }) => id === answer['id'] && name === answer['name']);
		if (place < 0) {
			const message = `${partCount} No call has the name ${textOf(answer['name'])} and the id ${String(answer['id'])}.`;
			yield refused('response-match', path, message);
		} else {
			waiting.splice(place, 1);
		}
	}
}

/** "Thought signatures": the first call of each step in the current turn needs one, from Gemini 3 on. */
function* signatureRules(contents: readonly JsonObject[], model: string): Findings {
	const isStrict = (generationOf(model) ?? 0) >= 3;
	const turn = contents.findLastIndex(
		(content) => content['role'] !== 'model' && namesIn(content, 'functionResponse').length === 0,
	);
	for (const [index, content] of contents.entries()) {
		if (content['role'] !== 'model') continue;
		let isFirst = true;
		for (const [place, part] of objectsOf(content['parts'])) {
			const path = `contents[${index}].parts[${place}]`;
			const signature = part['thoughtSignature'];
			const call = part['functionCall'];
			if (isFirst && call !== undefined && signature === undefined && isStrict && index > turn) {
				const { name } = objectOf(call);
				yield refused('signature-missing', path, missingSignature(textOf(name), index + 1));
			}
			if (signature !== undefined) yield* signatureRule(signature, part, model, path);
			if (objectOf(call)['thoughtSignature'] !== undefined || objectOf(call)['thought_signature'] !== undefined) {
				const message = `Unknown name "thoughtSignature" at '${path}.function_call': Cannot find field.`;
				yield refused('signature-place', path, `Invalid JSON payload received. ${message}`);
			}
			if (call !== undefined) isFirst = false;
		}
	}
}

function missingSignature(name: string, position: number): string {
	return (
		'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, ' +
		'and missing thought_signature may lead to degraded model performance. Additional data, function call ' +
		`\`default_api:${name}\` , position ${position}. ` +
		'Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.'
	);
}

function* signatureRule(signature: unknown, part: JsonObject, model: string, path: string): Findings {
	if (dummySignatures.includes(textOf(signature))) {
		if ((generationOf(model) ?? 0) < 3) {
			yield warning(
				'signature-dummy',
				path,
				'Only Gemini 3 and later look for signatures; older models need no dummy.',
			);
		}
		return;
	}
	if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(textOf(signature))) {
		const message = `Invalid value at '${path}.thought_signature' (TYPE_BYTES), Base64 decoding failed`;
		yield refused('signature-base64', path, message);
		return;
	}
	const contents = unseal(signature);
	// Not documented for another model of Google's; public reports say that it is sometimes refused, so it is here.
	if (contents?.vendor !== 'gemini' || contents.model !== model) {
		yield refused('signature-invalid', path, 'Thought signature is not valid.');
	} else if (contents.content !== contentOf(part) && part['functionCall'] !== undefined) {
		// Public reports: other arguments, or other types in them, and the signature is not valid any more.
		yield refused('signature-changed', path, 'Thought signature is not valid.');
	} else if (contents.content !== contentOf(part)) {
		yield warning('signature-moved', path, 'A signature goes back in the very part that it came in.');
	}
}

/** The signature that the API would put on a part of its answer. */
export function signPart(part: unknown, model: string): string {
	return seal({ vendor: 'gemini', model, content: contentOf(objectOf(part)) });
}

function contentOf(part: JsonObject): string {
	const call = objectOf(part['functionCall']);
	return digest(part['functionCall'] === undefined ? textOf(part['text']) : [call['name'], call['args'] ?? {}]);
}
