import type { LiveReader } from '../../engine/live-text';

const opening = '<think>';
const closing = /<\/think>\s*/;

/**
 * Passes on an answer's text as it is streamed, without the `<think>` section that some models write first. This
 * matches what is removed from a complete answer.
 */
export function withoutLeadingThoughts(reader: LiveReader): LiveReader {
	let held: string | undefined = '';
	return (text) => {
		if (held === undefined) return reader(text);
		held += text;
		const begun = held.trimStart();
		if (begun.length < opening.length && opening.startsWith(begun)) return;
		if (begun.startsWith(opening)) {
			const end = closing.exec(held);
			// More blanks after the closing tag may still follow; they are removed too, so wait for the next text.
			if (end === null || end.index + end[0].length === held.length) return;
			held = held.slice(end.index + end[0].length);
		}
		const answer = held;
		held = undefined;
		reader(answer);
	};
}
