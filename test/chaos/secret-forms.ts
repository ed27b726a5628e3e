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
	'as the user in base64': (secret) => `Basic ${Buffer.from(`ab${secret}:x`).toString('base64').replaceAll('/', '\\/')}`,
	'its first letter as an escape': (secret) => escaped(secret.slice(0, 1)) + inJson(secret.slice(1)),
	'each letter as an escape': escaped,
	'every other letter as an escape': (secret) => Array.from(secret, (letter, index) => (index % 2 === 0 ? escaped(letter) : inJson(letter))).join(''),
	'as JSON in a JSON string': (secret) => inJson(`{"key":"${inJson(secret)}","echo":"${escaped(secret)}"}`),
	'behind a long text': (secret) => `${'padding '.repeat(248)}${inJson(secret)}`,
};

function inJson(text: string): string {
	return JSON.stringify(text).slice(1, -1);
}

function escaped(text: string): string {
	return Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
}

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
	const pieces = Array.from({ length: Math.max(1, secret.length - pieceLength + 1) }, (_, at) => secret.slice(at, at + pieceLength).toLowerCase());
	return pieces.filter((piece) => reading.includes(piece));
}

/** A text, the same without its escapes, and what its base64 holds. */
function readingOf(told: unknown): string {
	const text = typeof told === 'string' ? told : JSON.stringify(told);
	const plain = unescaped(text);
	const tokens = new Set([...plain.matchAll(/[\w+/-]{16,}/g)].map(([token]) => token));
	const packed = [...tokens].flatMap((token) => [0, 1, 2, 3].map((offset) => Buffer.from(token.slice(offset), 'base64').toString('latin1')));
	return [text, plain, ...packed].join('\n').toLowerCase();
}

/** Takes escapes off, layer by layer. */
export function unescaped(text: string): string {
	let plain = text;
	for (let layer = 0; layer < 4; layer += 1) {
		plain = plain
			.replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
			.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
			.replace(/\\+(["\\/])/g, '$1');
	}
	return plain;
}
