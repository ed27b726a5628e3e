import { cut } from '../../engine/cut';
import type { Account } from '../http/account';
import { echoedIn } from './echo';
import { beginningWithoutSecrets } from './key-echo';

const longestMessage = 300;

/** Characters. Only the beginning of a server's text is read, which is where the cause is named. */
const longestText = 2000;

/**
 * Characters. Shorter texts in common are chance; longer ones are quotes of the prompt. Ideographs carry more per
 * character.
 */
const shortestEcho = 16;
const shortestEchoInIdeographs = 6;
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

const secretShapes: ReadonlyArray<readonly [RegExp, string]> = [
	[/\b(Bearer|Basic)\s+[\w.~+/=*-]{4,}/gi, '$1 [redacted]'],
	[/\b(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|fw|csk|tgp|ghp|key)[-_][\w.*-]{6,}/gi, '[redacted]'],
	[/\bAIza[\w*-]{6,}/g, '[redacted]'],
	[/([?&](?:key|api[-_]?key|access_token|token)=)[^&\s"']+/gi, '$1[redacted]'],
	[/((?:x-api-key|x-goog-api-key|api-key)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, '$1[redacted]'],
	[/\/\/[^\s/]*@/g, '//[redacted]@'],
];

/** Validation errors, such as those of pydantic, repeat the rejected input. */
const echoedInput = [/["']?\binput["']?\s*:\s*(?:[{["']).*$/s, /\binput_value=.*?(?=, input_type=|$)/gs];

/**
 * Shortens a text from a server or library to one line, without the account's secrets and without quotes of
 * `privateTexts` (prompt and system message), which servers often repeat.
 */
export function shortMessage(text: string, account: Account, privateTexts: readonly string[]): string {
	let line = unescaped(beginningWithoutSecrets(text, longestText, account));
	for (const [shape, replacement] of secretShapes) line = line.replace(shape, replacement);
	// A key that the server itself masked, showing only its ends.
	line = line.replace(/[\w.*-]+/g, (word) => (word.includes('***') ? '[redacted]' : word));
	for (const echo of echoedInput) line = line.replace(echo, '');
	line = withoutSpaces(line);
	line = withoutEcho(line.slice(0, 2 * longestMessage), privateTexts);
	return cut(line, longestMessage);
}

/**
 * Decodes escapes. Servers may quote JSON inside JSON with escaped non-ASCII characters; a quoted prompt is only
 * recognized once these are decoded.
 */
function unescaped(text: string): string {
	return text.replace(/\\+(?:u([0-9a-f]{4})|([nrt])|["'/])?/gi, (match: string, code?: string, blank?: string) => {
		if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
		return blank === undefined ? match.slice(-1) : ' ';
	});
}

function withoutSpaces(text: string): string {
	return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}

function withoutEcho(line: string, privateTexts: readonly string[]): string {
	let clean = line;
	for (const privateText of privateTexts) {
		const hidden = withoutSpaces(unescaped(privateText));
		if (hidden.length < 4) continue;
		const shortest = Math.min(ideographs.test(hidden) ? shortestEchoInIdeographs : shortestEcho, hidden.length);
		clean = echoedIn(clean, hidden, shortest)
			.map(({ text, isEcho }) => (isEcho ? '…' : text))
			.join('');
	}
	return clean;
}
