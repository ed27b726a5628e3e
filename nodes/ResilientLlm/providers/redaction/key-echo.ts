import type { Completion } from '../../engine/completion';
import { namesAndSecretsOf, secretsOf, type Account } from '../http/account';
import { furtherReadingsOf, placedReadingsOf } from '../errors/readings';

/** Replaces an account's secrets in a text, including encoded or escaped forms of them. */
export type Redactor = (text: string) => string;

/**
 * Characters. Shorter keys are placeholders such as "none" for servers without keys, and answers may contain these
 * words.
 */
const shortestInReplies = 12;

/** Characters. A shorter secret would match almost everywhere. */
const shortestInMessages = 4;

/**
 * Characters. If a longer text has a secret in escaped form, the whole text is replaced, because finding its position
 * would take too long.
 */
const longestPlaced = 200_000;

/**
 * Redacts everything a server sends. Some servers repeat the key in errors, names or even answers, and it must not get
 * into items or logs. This protects against careless servers; a malicious one could encode the key in a way that is not
 * recognized.
 */
export const replyRedactor = redactorsOf(secretsOf, shortestInReplies);

/** Redacts the complete text again: a key may have been split between two parts of the answer. */
export function withoutEchoes(answer: Completion, account: Account): Completion {
	return { ...answer, text: replyRedactor(account)(answer.text) };
}

const messageRedactor = redactorsOf(namesAndSecretsOf, shortestInMessages);

/** The first `length` characters of a text, without the account's secrets. */
export function beginningWithoutSecrets(text: string, length: number, account: Account): string {
	// Twice as much is redacted before cutting, so that a secret at the cut is still recognized as a whole.
	return messageRedactor(account)(text.slice(0, 2 * length)).slice(0, length);
}

const redacted = '[redacted]';

/** Caches one redactor per account, because creating one takes milliseconds. */
function redactorsOf(
	hiddenIn: (account: Account) => readonly string[],
	shortest: number,
): (account: Account) => Redactor {
	const known = new WeakMap<Account, Redactor>();
	return (account) => {
		const redactor = known.get(account) ?? redactorOf(hiddenIn(account), shortest);
		known.set(account, redactor);
		return redactor;
	};
}

function redactorOf(secrets: readonly string[], shortest: number): Redactor {
	const known = secrets.filter(({ length }) => length >= shortest);
	if (known.length === 0) return (text) => text;
	const spellings = known.flatMap(spellingsOf);
	const spelled = new RegExp(spellings.join('|'), 'gi');
	return (text) => {
		if (text.length < shortest) return text;
		const clean = cleared(
			text,
			spotsIn(text, spelled, (letter) => letter),
		);
		if (!furtherReadingsOf(clean).some((reading) => reading.search(spelled) >= 0)) return clean;
		if (clean.length > longestPlaced) return redacted;
		const spots = placedReadingsOf(clean).map(({ text: reading, places }) =>
			spotsIn(reading, spelled, (letter) => places[letter] ?? clean.length),
		);
		return cleared(clean, spots.flat());
	};
}

interface Spot {
	readonly from: number;
	readonly to: number;
}

/**
 * Finds all matches. `matchAll` would copy the pattern on each call, and compiling one of this size takes milliseconds.
 */
function spotsIn(reading: string, spelled: RegExp, placeOf: (letter: number) => number): readonly Spot[] {
	const spots: Spot[] = [];
	spelled.lastIndex = 0;
	for (let match = spelled.exec(reading); match !== null; match = spelled.exec(reading)) {
		spots.push({ from: placeOf(match.index), to: placeOf(spelled.lastIndex) });
	}
	return spots;
}

/** Replaces the matches. An incomplete escape before a match is removed too, as it would escape the replacement. */
function cleared(text: string, spots: readonly Spot[]): string {
	let clean = '';
	let kept = 0;
	for (const { from, to } of spots.toSorted((one, other) => one.from - other.from)) {
		if (from >= kept) clean += withoutHalfEscape(text.slice(kept, from)) + redacted;
		kept = Math.max(kept, to);
	}
	return clean + text.slice(kept);
}

function withoutHalfEscape(text: string): string {
	let end = text.length - (/\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)$/i.exec(text.slice(-5))?.[0].length ?? 0);
	while (text[end - 1] === '\\') end -= 1;
	return text.slice(0, end);
}

/**
 * Invisible characters that may stand between two characters of a secret: blanks, line breaks, backslashes, characters
 * without width.
 */
const blank =
	'[\\s\\\\\\0-\\x1f\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f' +
	'\\u200b-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb]';
const blanks = new RegExp(`${blank}+`, 'g');

/** Patterns for a secret as it is and, if it is long enough not to match by chance, for its encoded bytes. */
function spellingsOf(secret: string): readonly string[] {
	if (secret.length < shortestInReplies) return [literal(secret)];
	const plain = [secret, ...furtherReadingsOf(secret)].map((reading) => reading.replace(blanks, ''));
	// URLs percent-encode bytes, so a character outside ASCII becomes two or more codes.
	const bytes = Buffer.from(secret);
	const letters = [...new Set([...plain, bytes.toString('latin1').replace(blanks, '')])].filter(
		({ length }) => length >= shortestInReplies,
	);
	return [
		literal(secret),
		...letters.map((word) => Array.from(word, literal).join(`${blank}*`)),
		...base64Spellings(bytes).map((word) => Array.from(word, base64Letter).join(`${blank}*`)),
		[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('(?:[\\s:,;-]|0x){0,4}'),
		[...bytes].join('[\\s,;]{1,4}'),
	];
}

/**
 * Patterns for the secret's bytes inside base64, as in `Basic` headers. Three bytes become four characters, so there
 * are three forms, depending on the position. Characters that also encode a neighbouring byte are left out.
 */
function base64Spellings(secret: Buffer): readonly string[] {
	return [0, 1, 2].map((place) => {
		const bytes = Buffer.concat([Buffer.alloc(place), secret]);
		const characters = bytes.toString('base64url');
		return characters.slice(place === 0 ? 0 : place + 1, bytes.length % 3 === 0 ? undefined : -1);
	});
}

function base64Letter(letter: string): string {
	return letter === '-' ? '[-+]' : letter === '_' ? '[_/]' : letter;
}

function literal(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
