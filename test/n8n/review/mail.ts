/** A mail of plain text, as its reader sees it. */
export interface Mail {
	readonly from: string;
	readonly to: string;
	readonly subject: string;
	readonly text: string;
}

/** `raw` holds one byte in each character. */
export function parseMail(raw: string): Mail {
	const [head = '', ...body] = raw.split('\r\n\r\n');
	const unfolded = head.replace(/\r\n[ \t]+/g, ' ');
	const header = (name: string) => decodeWords(new RegExp(`^${name}:(.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? '');
	const type = header('content-type');
	if (!type.startsWith('text/plain')) throw new Error(`A mail of type "${type}"`);
	return { from: header('from'), to: header('to'), subject: header('subject'), text: decodeBody(body.join('\r\n\r\n'), header('content-transfer-encoding')).replaceAll('\r\n', '\n').trimEnd() };
}

function decodeBody(body: string, encoding: string): string {
	switch (encoding.toLowerCase()) {
		case 'base64':
			return Buffer.from(body, 'base64').toString();
		case 'quoted-printable':
			return decodeQuoted(body.replace(/=\r\n/g, ''));
		default:
			return Buffer.from(body, 'latin1').toString();
	}
}

/** Encoded words of RFC 2047; white space between two of them is not part of the text. */
function decodeWords(text: string): string {
	return text
		.replace(/\?=\s+=\?/g, '?==?')
		.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
			kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString() : decodeQuoted(word.replaceAll('_', ' ')),
		);
}

function decodeQuoted(text: string): string {
	return Buffer.from(text.replace(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))), 'latin1').toString();
}
