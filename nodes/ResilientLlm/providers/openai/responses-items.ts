import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';

/** An item of a response's output that may be sent back as input. */
export type OutputItem =
	| { readonly type: 'reasoning'; readonly encrypted_content: string }
	| { readonly type: 'message'; readonly content: readonly unknown[] }
	| { readonly type: 'function_call'; readonly call_id: string; readonly name: string; readonly arguments: unknown };

export function isKept(item: unknown): item is OutputItem {
	switch (at(item, 'type')) {
		case 'reasoning':
			// With `store: false` the server keeps nothing, so a reasoning item without encrypted content is useless.
			return Boolean(asString(at(item, 'encrypted_content')));
		case 'message':
			return asArray(at(item, 'content')) !== undefined;
		case 'function_call':
			return asString(at(item, 'call_id')) !== undefined;
		default:
			return false;
	}
}

/** The text of the answer, without the model's refusals. */
export function messageText(items: readonly OutputItem[]): string {
	return items
		.flatMap((item) => (item.type === 'message' ? [textOfParts(item.content)] : []))
		.filter((text) => text !== '')
		.join('\n\n');
}

function textOfParts(parts: readonly unknown[]): string {
	return parts
		.map((part) => (asRecord(part)?.['type'] === 'output_text' ? (asString(at(part, 'text')) ?? '') : ''))
		.join('');
}
