/** How servers write back what they were sent, when they do. Each gives text to stand inside a JSON string. */
export const secretForms: Readonly<Record<string, (secret: string) => string>> = {
	'as it is': inJson,
	'as a header': (secret) => `Authorization: Bearer ${inJson(secret)}`,
	'in a URL': (secret) => `https://gateway.example/v1?alt=json&key=${encodeURIComponent(secret)}`,
	'in capitals': (secret) => inJson(secret.toUpperCase()),
	'each byte as %xx': percentEncoded,
	'percent signs encoded twice': (secret) => percentEncoded(secret).replaceAll('%', '%25'),
	'in base64': (secret) => Buffer.from(secret).toString('base64'),
	'in base64 for URLs': (secret) => Buffer.from(secret).toString('base64url'),
	'as the password in base64': (secret) => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
	'as the user in base64': (secret) =>
		`Basic ${Buffer.from(`ab${secret}:x`).toString('base64').replaceAll('/', '\\/')}`,
	'its first letter as an escape': (secret) => escaped(secret.slice(0, 1)) + inJson(secret.slice(1)),
	'each letter as an escape': escaped,
	'every other letter as an escape': (secret) =>
		Array.from(secret, (letter, index) => (index % 2 === 0 ? escaped(letter) : inJson(letter))).join(''),
	'as JSON in a JSON string': (secret) => inJson(`{"key":"${inJson(secret)}","echo":"${escaped(secret)}"}`),
	'in base64 over lines': (secret) => inJson(lines(Buffer.from(secret).toString('base64'), 20, '\n')),
	'as the password in base64 over lines with blanks': (secret) =>
		inJson(lines(Buffer.from(`user:${secret}`).toString('base64'), 16, '\r\n    ')),
	'in base64 with a zero-width space': (secret) => lines(Buffer.from(secret).toString('base64'), 7, '\u200b'),
	'in base64, as HTML entities': (secret) => decimalEntities(Buffer.from(secret).toString('base64')),
	'in hex': (secret) => Buffer.from(secret).toString('hex'),
	'in hex, in capitals with colons': (secret) => bytesOf(secret).map(hex).join(':').toUpperCase(),
	'in hex with blanks, over lines': (secret) => inJson(lines(bytesOf(secret).map(hex).join(' '), 48, '\n')),
	'as bytes of a program': (secret) =>
		bytesOf(secret)
			.map((byte) => `0x${hex(byte)}`)
			.join(', '),
	'as a list of numbers': (secret) => `{type: Buffer, data: [${bytesOf(secret).join(',')}]}`,
	'as \\x escapes': (secret) =>
		inJson(
			bytesOf(secret)
				.map((byte) => `\\x${hex(byte)}`)
				.join(''),
		),
	'as \\u{} escapes': (secret) =>
		inJson(Array.from(secret, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`).join('')),
	'as octal escapes': (secret) =>
		inJson(
			bytesOf(secret)
				.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
				.join(''),
		),
	'as HTML entities': decimalEntities,
	'as HTML entities in hex': (secret) =>
		Array.from(secret, (letter) => `&#x${letter.codePointAt(0)!.toString(16).toUpperCase()};`).join(''),
	'its signs as HTML names': (secret) => inJson(secret.replace(/[-_/+=.&%"]/g, (sign) => `&${htmlNames[sign]};`)),
	'as HTML entities, escaped again': (secret) => decimalEntities(secret).replaceAll('&', '&amp;'),
	'as HTML entities in a URL': (secret) => percentEncoded(decimalEntities(secret)),
	'split by a line break': (secret) => inJson(lines(secret, 9, '\n')),
	'split by a line break in a JSON string in JSON': (secret) => inJson(inJson(lines(secret, 9, '\r\n'))),
	'split by a blank': (secret) => inJson(lines(secret, 9, ' ')),
	'a blank after every letter': (secret) => inJson(lines(secret, 1, ' ')),
	'split by a zero-width space': (secret) => inJson(lines(secret, 9, '\u200b')),
	'split by a zero-width space, as an escape': (secret) => inJson(lines(inJson(secret), 9, '\\u200b')),
	'split by a soft hyphen': (secret) => inJson(lines(secret, 9, '&shy;')),
	'split by a place to break': (secret) => inJson(lines(secret, 9, '<wbr>')),
	'behind a long text': (secret) => `${'padding '.repeat(248)}${inJson(secret)}`,
};

function inJson(text: string): string {
	return JSON.stringify(text).slice(1, -1);
}

function escaped(text: string): string {
	return Array.from(
		{ length: text.length },
		(_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`,
	).join('');
}

function bytesOf(text: string): readonly number[] {
	return [...Buffer.from(text)];
}

function hex(byte: number): string {
	return byte.toString(16).padStart(2, '0');
}

/** With something after every so many letters. */
function lines(text: string, length: number, between: string): string {
	return text.match(new RegExp(`.{1,${length}}`, 'gs'))?.join(between) ?? text;
}

function decimalEntities(text: string): string {
	return Array.from(text, (letter) => `&#${letter.codePointAt(0)};`).join('');
}

const htmlNames: Readonly<Record<string, string>> = {
	'-': 'dash',
	_: 'lowbar',
	'/': 'sol',
	'+': 'plus',
	'=': 'equals',
	'.': 'period',
	'&': 'amp',
	'%': 'percnt',
	'"': 'quot',
};

function percentEncoded(text: string): string {
	return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}

/** Shorter pieces of a secret tell nobody anything. */
const pieceLength = 12;

/**
 * The pieces of a secret that someone who reads this text can make out, decoding what looks encoded. Written the other
 * way round than the redaction under test: it decodes the text, where that one encodes the secret.
 */
export function piecesOf(secret: string, told: unknown): readonly string[] {
	return piecesIn(readingOf(told), secret);
}

/** The same for many secrets in one text. */
export function piecesOfAny(secrets: readonly string[], told: unknown): readonly string[] {
	const reading = readingOf(told);
	return secrets.flatMap((secret) => piecesIn(reading, secret));
}

function piecesIn(reading: string, secret: string): readonly string[] {
	const pieces = [secret, withoutBlanks(secret)].flatMap((whole) =>
		Array.from({ length: Math.max(1, whole.length - pieceLength + 1) }, (_, at) =>
			whole.slice(at, at + pieceLength).toLowerCase(),
		),
	);
	return [...new Set(pieces)].filter((piece) => reading.includes(piece));
}

/** A text, also without escapes and without what nobody sees, and what base64, hex and lists of bytes in it hold. */
function readingOf(told: unknown): string {
	const text = typeof told === 'string' ? told : JSON.stringify(told);
	const plain = unescaped(text);
	const dense = withoutBlanks(plain);
	const tokens = new Set([plain, dense].flatMap((reading) => reading.match(/[\w+/-]{16,}/g) ?? []));
	const packed = [...tokens].flatMap((token) =>
		[0, 1, 2, 3].map((offset) => Buffer.from(token.slice(offset), 'base64').toString('latin1')),
	);
	const digits =
		dense.match(/[0-9a-f](?:[0-9a-fx:,;-]*[0-9a-f])?/gi)?.map((run) => run.replace(/0x|[^0-9a-f]/gi, '')) ?? [];
	const hexed = digits.flatMap((run) => [run, run.slice(1)]).map((run) => Buffer.from(run, 'hex').toString('latin1'));
	const listed = (dense.match(/\d{1,3}(?:,\d{1,3})+/g) ?? []).map((list) =>
		String.fromCharCode(...list.split(',').slice(0, 10_000).map(Number)),
	);
	return [text, plain, dense, ...packed, ...hexed, ...listed].join('\n').toLowerCase();
}

function withoutBlanks(text: string): string {
	return text.replace(/[\s\\\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, '');
}

/** Takes escapes off, layer by layer. */
export function unescaped(text: string): string {
	let plain = text;
	for (let layer = 0; layer < 4; layer += 1) {
		plain = plain
			.replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
			.replace(/\\+u\{([0-9a-f]{1,6})\}/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
			.replace(/(?:%|\\+x)([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
			.replace(/\\+([0-3][0-7]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
			.replace(/&#x([0-9a-f]{1,5});/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
			.replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Number(code)))
			.replace(/&(\w+);/g, (entity, name: string) =>
				name === 'shy' ? '' : (Object.entries(htmlNames).find(([, one]) => one === name)?.[0] ?? entity),
			)
			.replace(/<wbr>/g, '')
			.replace(/\\+[nr]/g, '\n')
			.replace(/\\+(["\\/])/g, '$1');
	}
	return plain;
}
