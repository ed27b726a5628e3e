import { isObject, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { refused, warning, type Findings } from '../violation';

/** The fields of each block in `@anthropic-ai/sdk` 1.11.0. Everything else is an extra input. */
const blockFields: Readonly<Record<string, string>> = {
	text: 'type text cache_control citations',
	image: 'type source cache_control transformations',
	document: 'type source cache_control citations context title',
	thinking: 'type thinking signature',
	redacted_thinking: 'type data',
	tool_use: 'type id name input cache_control caller toolset_name',
	tool_result: 'type tool_use_id content is_error cache_control toolset_name',
};

const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

export function* blockRules(block: JsonObject, path: string, { role }: JsonObject): Findings {
	const type = textOf(block['type']);
	const known = blockFields[type];
	if (known === undefined) {
		const message = `Input tag '${type}' found using 'type' does not match any of the expected tags`;
		yield refused('block-type', path, `${path}: ${message}`);
		return;
	}
	yield* extraFields(block, known, `${path}.${type}`);
	const misplaced = {
		tool_use: role !== 'assistant',
		tool_result: role !== 'user',
		image: role !== 'user',
		document: role !== 'user',
	}[type];
	if (misplaced) {
		const message = `\`${type}\` blocks can only be in \`${role === 'user' ? 'assistant' : 'user'}\` messages`;
		yield refused('block-role', path, `${path}: ${message}`);
	}
	if (type === 'image' || type === 'document') yield* sourceRules(block, `${path}.${type}.source`);
	if (type === 'tool_use') yield* toolUseRules(block, `${path}.tool_use`);
	if (type === 'tool_result') yield* toolResultRules(block, path);
}

function* sourceRules(block: JsonObject, path: string): Findings {
	const source = objectOf(block['source']);
	if (source['type'] !== 'base64') return;
	const allowed = block['type'] === 'image' ? imageTypes : ['application/pdf'];
	if (!allowed.includes(textOf(source['media_type']))) {
		const where = `${path}.base64.media_type`;
		const wanted = allowed
			.map((name) => `'${name}'`)
			.join(', ')
			.replace(/, ([^,]*)$/, ' or $1');
		yield refused('media-type', where, `${where}: Input should be ${wanted}`);
	}
	const data = textOf(source['data']);
	if (block['type'] === 'image' && data.length > 10 * 1024 * 1024) {
		yield refused('image-size', path, `${path}.base64: image exceeds 10 MB maximum`);
	} else if (data === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) {
		yield refused('base64', path, `${path}.base64: invalid base64 data`);
	}
}

function* toolUseRules(block: JsonObject, path: string): Findings {
	if (!/^[a-zA-Z0-9_-]+$/.test(textOf(block['id']))) {
		yield refused('tool-use-id', `${path}.id`, `${path}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
	} else if (textOf(block['id']).length > 64) {
		yield warning('tool-use-id-length', `${path}.id`, 'No limit is published; every client cuts at 64 characters.');
	}
	if (!isObject(block['input'])) {
		yield refused('tool-use-input', `${path}.input`, `${path}.input: Input should be a valid dictionary`);
	}
	if (textOf(block['name']) === '') {
		yield refused('tool-use-name', `${path}.name`, `${path}.name: String should have at least 1 character`);
	}
}

function* toolResultRules(block: JsonObject, path: string): Findings {
	const { content } = block;
	yield* typeof content === 'string' ? [] : textRules(content, `${path}.tool_result`);
	for (const [place, inner] of objectsOf(content)) {
		const where = `${path}.tool_result.content.${place}`;
		if (!['text', 'image', 'document', 'search_result', 'tool_reference'].includes(textOf(inner['type']))) {
			yield refused('result-content', where, `${where}: Input tag does not match any of the expected tags`);
		} else if (block['is_error'] === true && inner['type'] !== 'text') {
			const message = 'all content must be type "text" if `is_error` is true';
			yield refused('error-result-content', path, `${path}.tool_result: ${message}`);
		}
		if (inner['type'] === 'image') yield* sourceRules(inner, `${where}.image.source`);
	}
}

export function* extraFields(value: JsonObject, known: string, path: string): Findings {
	for (const field of Object.keys(value)) {
		if (known.split(' ').includes(field)) continue;
		const where = path === '' ? field : `${path}.${field}`;
		yield refused('extra-field', where, `${where}: Extra inputs are not permitted`);
	}
}

export function* textRules(content: unknown, path: string): Findings {
	const texts = typeof content === 'string' ? [content] : objectsOf(content).flatMap(([, block]) => textsOf(block));
	for (const text of texts) {
		if (text.trim() !== '') continue;
		const blame = text === '' ? 'must be non-empty' : 'must contain non-whitespace text';
		yield refused('empty-text', path, `${path}: text content blocks ${blame}`);
	}
}

function textsOf(block: JsonObject): readonly string[] {
	return block['type'] === 'text' ? [textOf(block['text'])] : [];
}
