/** How long a hostile text is: what a server, a model or an item may well bring. */
export const hostileLength = 1_000_000;

/**
 * What makes a pattern that reads something twice read it again and again: long runs, of one sign or of a few in turn.
 */
const pieces = [
	...' \n\t\\"\'`*/=<>&%|-._~:;,@#$(){}[]!?+^aAxX0149',
	'\u00e9',
	'\u3042',
	'\ud83d\ude00',
	'\ud800',
	'\u0000',
	'\u200b',
	'\u2028',
	'\r\n',
	'a ',
	'0.',
	'1s',
	'1 s ',
	'\\u',
	'\\n',
	'\\\\"',
	'%25',
	'&#',
	'//',
	'/@',
	'</',
	'<a',
	'**',
	'***a',
	'``',
	'```\n',
	': ',
	'={',
	', ',
	'-a',
	'a-',
	'.a',
	'A1',
] as const;

/** A sign at their end that no pattern means, so that what has matched so far is given up in the end. */
const end = '\u0001';

export const generalTexts: readonly string[] = pieces.map((piece) => filled(piece) + end);

/**
 * Texts made for one pattern: the words in it, again and again, and followed by long runs of what may come after them.
 */
export function textsFor(source: string): readonly string[] {
	const withoutClasses = source.replace(/\\[a-z]/gi, '.');
	const words = [...new Set([...withoutClasses.matchAll(/[a-z_][a-z_ ]+/gi)].map(([word]) => word))].slice(0, 5);
	return words.flatMap((word) => [filled(`${word} `) + end, ...[' ', 'a', '0'].map((run) => word + filled(run) + end)]);
}

/** A text before which another one is repeated until it is as long as hostile texts are. */
export function filled(piece: string): string {
	return piece.repeat(Math.ceil(hostileLength / piece.length)).slice(0, hostileLength);
}
