/** Takes a key out of a text, however the text spells it. */
export type Redactor = (text: string) => string;

interface Account {
	readonly apiKey: string;
}

/** Shorter keys are words for "none" that servers without keys are given; answers may well hold them. */
const shortestInReplies = 12;

/** A key this short is found everywhere. */
const shortestInMessages = 4;

const replyRedactors = new WeakMap<Account, Redactor>();

/**
 * For all that a server sends back: some repeat the key they were called with, in errors, in names and even in answers,
 * and neither an item nor a log line may hold it.
 */
export function replyRedactor(account: Account): Redactor {
	const known = replyRedactors.get(account);
	if (known !== undefined) return known;
	const spellings = spellingsOf(account.apiKey, shortestInReplies);
	const redactor: Redactor = (text) => (spellings === undefined ? text : text.replace(spellings, redacted));
	replyRedactors.set(account, redactor);
	return redactor;
}

/** The first `length` characters of a text, without the key. */
export function beginningWithoutKey(text: string, length: number, apiKey: string): string {
	const spellings = spellingsOf(apiKey, shortestInMessages);
	// Twice as much is read, so that a key which the cut would go through is seen whole.
	const beginning = text.slice(0, 2 * length);
	return (spellings === undefined ? beginning : beginning.replace(spellings, redacted)).slice(0, length);
}

const redacted = '[redacted]';

function spellingsOf(apiKey: string, shortest: number): RegExp | undefined {
	if (apiKey.length < shortest) return undefined;
	const spellings = [plainSpelling(apiKey), ...(apiKey.length < shortestInReplies ? [] : base64Spellings(apiKey))];
	return new RegExp(spellings.join('|'), 'gi');
}

/** The key as it is, as JSON escapes, percent-encoded, or each of its characters another way. */
function plainSpelling(key: string): string {
	return Array.from(key, (letter) => {
		const escapes = Array.from({ length: letter.length }, (_, index) => `\\\\{1,4}u${hex(letter.charCodeAt(index), 4)}`).join('');
		const percents = [...Buffer.from(letter)].map((byte) => `%(?:25){0,2}${hex(byte, 2)}`).join('');
		return `(?:\\\\{0,4}${literal(letter)}|${escapes}|${percents})`;
	}).join('');
}

/**
 * The key within base64, as in `Basic` headers. Three bytes make four characters, so the same bytes look different in
 * each of three places. A character that shares its bits with a neighbour of the key is left out of the search.
 */
function base64Spellings(key: string): readonly string[] {
	return [0, 1, 2].map((place) => {
		const bytes = Buffer.concat([Buffer.alloc(place), Buffer.from(key)]);
		const characters = bytes.toString('base64').replace(/=+$/, '');
		const own = characters.slice(place === 0 ? 0 : place + 1, bytes.length % 3 === 0 ? undefined : -1);
		return Array.from(own, (character) => (character === '+' ? '(?:[-+]|%2b)' : character === '/' ? '(?:_|\\\\{0,4}/|%2f)' : character)).join('');
	});
}

function literal(letter: string): string {
	return letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function hex(value: number, digits: number): string {
	return value.toString(16).padStart(digits, '0');
}
