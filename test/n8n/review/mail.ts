/** A mail, as its reader sees it. */
export interface Mail {
	readonly from: string;
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	/** Empty where the mail is plain text alone. */
	readonly html: string;
}

interface Part {
	readonly header: (name: string) => string;
	readonly body: string;
}

/** `raw` holds one byte in each character. */
export function parseMail(raw: string): Mail {
	const mail = parsePart(raw);
	const parts = partsOf(mail);
	const contentOf = (type: string) =>
		parts
			.filter(({ header }) => header('content-type').startsWith(type))
			.map(decodedBody)
			.join('');
	if (contentOf('text/plain') === '') throw new Error(`A mail of type "${mail.header('content-type')}"`);
	return {
		from: mail.header('from'),
		to: mail.header('to'),
		subject: mail.header('subject'),
		text: contentOf('text/plain'),
		html: contentOf('text/html'),
	};
}

function parsePart(raw: string): Part {
	const [head = '', ...body] = raw.split('\r\n\r\n');
	const unfolded = head.replace(/\r\n[ \t]+/g, ' ');
	return {
		header: (name) => decodeWords(new RegExp(`^${name}:(.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? ''),
		body: body.join('\r\n\r\n'),
	};
}

/** The mail itself, or the alternatives in it. */
function partsOf(mail: Part): readonly Part[] {
	const boundary = /^multipart\/alternative;.*boundary="([^"]+)"/.exec(mail.header('content-type'))?.[1];
	return boundary === undefined
		? [mail]
		: mail.body
				.split(`--${boundary}`)
				.slice(1, -1)
				.map((part) => parsePart(part.replace(/^\r\n/, '')));
}

function decodedBody({ header, body }: Part): string {
	return decodeBody(body, header('content-transfer-encoding')).replaceAll('\r\n', '\n').trimEnd();
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
	return Buffer.from(
		text.replace(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
		'latin1',
	).toString();
}
