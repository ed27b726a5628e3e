import type { LiveReader } from '../../engine/live-text';

const opening = '<think>';
const closing = /<\/think>\s*/;

/**
 * Passes an answer's text on as it comes, but for the thoughts that some models write before it in tags: the same that
 * the reading of a whole answer leaves out.
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
			// Blanks may go on after the end of the thoughts.
			if (end === null || end.index + end[0].length === held.length) return;
			held = held.slice(end.index + end[0].length);
		}
		const answer = held;
		held = undefined;
		reader(answer);
	};
}
