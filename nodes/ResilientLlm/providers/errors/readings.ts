/** A text with its escapes decoded, and for each character its position in the original text. */
export interface Reading {
	readonly text: string;
	/** For each character of `text`, its start in the original; the last entry is the original's length. */
	readonly places: Uint32Array;
}

/**
 * How many nested levels of escapes are decoded, such as JSON inside JSON inside a URL. More do not occur by accident.
 */
const deepest = 4;

type Undo = string | ((match: string, ...groups: ReadonlyArray<string | undefined>) => string);

/**
 * Escape sequences and what they stand for: those of JSON, JavaScript, C, shells, URLs and HTML, and line
 * continuations. Backslashes left over from nested escapes stay in the text; the search for secrets ignores them.
 */
const escapes: ReadonlyArray<readonly [RegExp, Undo]> = [
	[/\\[nrtvf]/g, '\n'],
	[
		/\\(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2}))|%([0-9a-f]{2})/gi,
		(match, unicode, codePoint, byte, percent) => letter(unicode ?? codePoint ?? byte ?? percent, 16, match),
	],
	[/\\([0-7]{3})/g, (match, digits) => letter(digits, 8, match)],
	[/&#x([0-9a-f]{1,6});?/gi, (match, digits) => letter(digits, 16, match)],
	[/&#(\d{1,7});?/g, (match, digits) => letter(digits, 10, match)],
	[/&([a-z]{2,8});/gi, (match, name) => namedLetters[name?.toLowerCase() ?? ''] ?? match],
	[/<(?:wbr|br) ?\/?>/gi, ''],
];

/** The text with its escapes decoded once, twice and so on. Empty for a text without escapes. */
export function furtherReadingsOf(text: string): readonly string[] {
	const readings: string[] = [];
	for (let latest = text; readings.length < deepest && /[\\%&<]/.test(latest); readings.push(latest)) {
		const plainer = escapes.reduce((reading, [escape, undo]) => replaced(reading, escape, undo), latest);
		if (plainer === latest) break;
		latest = plainer;
	}
	return readings;
}

/** The original text and its decoded forms with the positions of their characters. Slower than `furtherReadingsOf`. */
export function placedReadingsOf(text: string): readonly Reading[] {
	let latest: Reading = { text, places: Uint32Array.from({ length: text.length + 1 }, (_, place) => place) };
	const readings = [latest];
	while (readings.length <= deepest) {
		const plainer = escapes.reduce((reading, [escape, undo]) => replacedInPlace(reading, escape, undo), latest);
		if (plainer.text === latest.text) break;
		latest = plainer;
		readings.push(latest);
	}
	return readings;
}

function replaced(text: string, escape: RegExp, undo: Undo): string {
	return typeof undo === 'string' ? text.replace(escape, undo) : text.replace(escape, undo);
}

/** Decodes one kind of escape and keeps track of positions. A decoded escape is never longer than the escape itself. */
function replacedInPlace({ text, places }: Reading, escape: RegExp, undo: Undo): Reading {
	const next = new Uint32Array(places.length);
	let from = 0;
	let length = 0;
	const plainText = text.replace(escape, (match: string, ...rest: Array<string | number>) => {
		const plain = typeof undo === 'string' ? undo : undo(match, ...(rest as string[]));
		const at = rest.at(-2) as number;
		keepUntil(at);
		next.fill(places[at] ?? 0, length, length + plain.length);
		length += plain.length;
		from = at + match.length;
		return plain;
	});
	keepUntil(places.length);
	return { text: plainText, places: next.subarray(0, length) };

	function keepUntil(to: number): void {
		next.set(places.subarray(from, to), length);
		length += to - from;
	}
}

/** The character with this code point, or `otherwise` if the code point is invalid. */
function letter(digits: string | undefined, base: number, otherwise: string): string {
	const code = Number.parseInt(digits ?? '', base);
	return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

/** HTML entities for characters that occur in keys, and for invisible characters. */
const namedLetters: Readonly<Record<string, string>> = {
	amp: '&',
	apos: "'",
	ast: '*',
	bsol: '\\',
	colon: ':',
	comma: ',',
	commat: '@',
	dash: '-',
	dollar: '$',
	equals: '=',
	excl: '!',
	grave: '`',
	gt: '>',
	hat: '^',
	hyphen: '-',
	lbrace: '{',
	lbrack: '[',
	lcub: '{',
	lowbar: '_',
	lpar: '(',
	lsqb: '[',
	lt: '<',
	minus: '-',
	nbsp: ' ',
	newline: '\n',
	num: '#',
	percnt: '%',
	period: '.',
	plus: '+',
	quest: '?',
	quot: '"',
	rbrace: '}',
	rbrack: ']',
	rcub: '}',
	rpar: ')',
	rsqb: ']',
	semi: ';',
	shy: '',
	sol: '/',
	tab: '\t',
	tilde: '~',
	underbar: '_',
	verbar: '|',
	vert: '|',
	zwj: '',
	zwnj: '',
};
