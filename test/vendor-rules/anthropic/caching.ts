import { claudeTraits } from './models';
import { isObject, objectsOf, textOf, type JsonObject } from '../json';
import { refused, warning, type Findings } from '../violation';

interface Mark {
	readonly path: string;
	readonly block: JsonObject;
	readonly ttl: unknown;
	/** Characters from the beginning of the request up to the end of the block. */
	readonly reach: number;
}

const ttlOrder = (path: string) =>
	`${path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. ` +
	'Note that blocks are processed in the following order: `tools`, `system`, `messages`.';

/** What "Prompt caching" on platform.claude.com says of marks: how many, where, in which order, after how much text. */
export function* cachingRules(body: JsonObject): Findings {
	const { marks, length, last } = marksOf(body);
	const automatic = body['cache_control'];
	const count = marks.length + (isObject(automatic) ? 1 : 0);
	if (count > 4) {
		const message = `A maximum of 4 blocks with cache_control may be provided. Found ${count}.`;
		yield refused('cache-marks', 'cache_control', message);
	}
	for (const { path, block } of marks) {
		const mark = block['cache_control'];
		if (!isObject(mark) || mark['type'] !== 'ephemeral') {
			const message = `${path}.cache_control: Input tag does not match any of the expected tags: 'ephemeral'`;
			yield refused('cache-type', path, message);
		} else if (![undefined, '5m', '1h'].includes(mark['ttl'] as string)) {
			yield refused('cache-ttl', path, `${path}.cache_control.ephemeral.ttl: Input should be '5m' or '1h'`);
		}
		if (block['type'] === 'text' && textOf(block['text']) === '') {
			yield refused('cache-empty-text', path, `${path}: cache_control cannot be set for empty text blocks`);
		}
		if (block['type'] === 'thinking' || block['type'] === 'redacted_thinking') {
			const where = `${path}.${block['type']}.cache_control`;
			yield refused('cache-thinking', path, `${where}: Extra inputs are not permitted`);
		}
	}
	const short = marks.findIndex(({ ttl }) => ttl !== '1h');
	const late = short < 0 ? undefined : marks.find(({ ttl }, index) => index > short && ttl === '1h');
	if (late !== undefined) yield refused('cache-ttl-order', late.path, ttlOrder(late.path));
	const ownTtl = isObject(automatic) ? (automatic['ttl'] ?? '5m') : undefined;
	if (ownTtl !== undefined && last?.ttl !== undefined && last.ttl !== ownTtl) {
		yield refused('cache-automatic-ttl', 'cache_control', 'The last block has a cache_control with another ttl.');
	}
	yield* lengthRules(textOf(body['model']), marks, ownTtl === undefined ? undefined : length);
}

/** Tokens are guessed at four characters each, so a warning near the limit may be wrong. */
function* lengthRules(model: string, marks: readonly Mark[], automatic: number | undefined): Findings {
	const minimum = claudeTraits(model).cacheMinimum;
	const reaches = [...marks.map(({ path, reach }) => ({ path, reach }))];
	if (automatic !== undefined) reaches.push({ path: 'cache_control', reach: automatic });
	for (const { path, reach } of reaches) {
		if (reach / 4 >= minimum) continue;
		const message = `About ${Math.round(reach / 4)} tokens up to here; ${model} caches nothing below ${minimum}.`;
		yield warning('cache-minimum', path, message);
	}
}

function marksOf(body: JsonObject): { marks: readonly Mark[]; length: number; last: Mark | undefined } {
	const marks: Mark[] = [];
	let reach = 0;
	let last: Mark | undefined;
	const add = (block: JsonObject, path: string): void => {
		const inner = Array.isArray(block['content']) ? objectsOf(block['content']) : [];
		const { content, ...shell } = block;
		if (inner.length === 0) reach += JSON.stringify(content ?? '').length;
		for (const [index, part] of inner) add(part, `${path}.content.${index}`);
		reach += JSON.stringify(shell).length;
		const mark = block['cache_control'];
		const ttl = isObject(mark) ? (mark['ttl'] ?? '5m') : undefined;
		last = { path, block, ttl, reach };
		if (mark !== undefined && mark !== null) marks.push(last);
	};
	for (const [index, tool] of objectsOf(body['tools'])) add(tool, `tools.${index}`);
	if (typeof body['system'] === 'string') add({ type: 'text', text: body['system'] }, 'system');
	for (const [index, block] of objectsOf(body['system'])) add(block, `system.${index}`);
	for (const [index, { content }] of objectsOf(body['messages'])) {
		if (typeof content === 'string') add({ type: 'text', text: content }, `messages.${index}`);
		for (const [place, block] of objectsOf(content)) add(block, `messages.${index}.content.${place}`);
	}
	return { marks, length: reach, last };
}
