import type { Completion } from '../../engine/completion';
import { namesAndSecretsOf, secretsOf, type Account } from '../http/account';
import { furtherReadingsOf, placedReadingsOf } from '../errors/readings';

/** Takes secrets out of a text, however the text spells them. */
export type Redactor = (text: string) => string;

/** Shorter keys are words for "none" that servers without keys are given; answers may well hold them. */
const shortestInReplies = 12;

/** A secret this short is found everywhere. */
const shortestInMessages = 4;

/** Characters. A longer text with a secret among its escapes is blanked whole: to find the place takes too long. */
const longestPlaced = 200_000;

/**
 * For all that a server sends back: some repeat the key they were called with, in errors, in names and even in answers,
 * and neither an item nor a log line may hold it. Whoever means to hide a key from us can: this is against servers that
 * know no better.
 */
export const replyRedactor = redactorsOf(secretsOf, shortestInReplies);

/** An answer comes in parts, and a key may be cut where they meet. */
export function withoutEchoes(answer: Completion, account: Account): Completion {
	return { ...answer, text: replyRedactor(account)(answer.text) };
}

const messageRedactor = redactorsOf(namesAndSecretsOf, shortestInMessages);

/** The first `length` characters of a text, without the account's secrets. */
export function beginningWithoutSecrets(text: string, length: number, account: Account): string {
	// Twice as much is read, so that a secret which the cut would go through is seen whole.
	return messageRedactor(account)(text.slice(0, 2 * length)).slice(0, length);
}

const redacted = '[redacted]';

/** To make one takes milliseconds, so an account keeps its own. */
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

/** Not by `matchAll`: it copies the pattern each time, and to compile one of this size takes milliseconds. */
function spotsIn(reading: string, spelled: RegExp, placeOf: (letter: number) => number): readonly Spot[] {
	const spots: Spot[] = [];
	spelled.lastIndex = 0;
	for (let match = spelled.exec(reading); match !== null; match = spelled.exec(reading)) {
		spots.push({ from: placeOf(match.index), to: placeOf(spelled.lastIndex) });
	}
	return spots;
}

/** What is left of an escape before a spot goes with it: it would escape what comes in its place. */
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

/** What may stand between two letters without being read: blanks, line breaks, backslashes, signs without width. */
const blank =
	'[\\s\\\\\\0-\\x1f\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f' +
	'\\u200b-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb]';
const blanks = new RegExp(`${blank}+`, 'g');

/** Patterns for a secret as it is and, where it is long enough to be told from chance, as bytes. */
function spellingsOf(secret: string): readonly string[] {
	if (secret.length < shortestInReplies) return [literal(secret)];
	const plain = [secret, ...furtherReadingsOf(secret)].map((reading) => reading.replace(blanks, ''));
	// Percent signs encode bytes, so that letters outside of ASCII become two or more.
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
 * The bytes within base64, as in `Basic` headers. Three bytes make four characters, so the same bytes look different in
 * each of three places. A character that shares its bits with a neighbour of the secret is left out of the search.
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
