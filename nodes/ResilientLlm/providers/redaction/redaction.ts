import { cut } from '../../engine/cut';
import type { Account } from '../http/account';
import { echoedIn } from './echo';
import { beginningWithoutSecrets } from './key-echo';

const longestMessage = 300;

/** No more of a server's text than this is looked at: what it has to say is said at the beginning. */
const longestText = 2000;

/** Shorter runs of text are shared by chance; longer ones are an echo. */
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

/** Validation errors of pydantic and its like repeat the request they complain about. */
const echoedInput = [/["']?\binput["']?\s*:\s*(?:[{["']).*$/s, /\binput_value=.*?(?=, input_type=|$)/gs];

/**
 * One short line out of what a server or library said: no secret of the account, and nothing of `privateTexts` (the
 * prompt, the system message), which servers like to quote back.
 */
export function shortMessage(text: string, account: Account, privateTexts: readonly string[]): string {
	let line = unescaped(beginningWithoutSecrets(text, longestText, account));
	for (const [shape, replacement] of secretShapes) line = line.replace(shape, replacement);
	// A key of which the server shows the ends only.
	line = line.replace(/[\w.*-]+/g, (word) => (word.includes('***') ? '[redacted]' : word));
	for (const echo of echoedInput) line = line.replace(echo, '');
	line = withoutSpaces(line);
	line = withoutEcho(line.slice(0, 2 * longestMessage), privateTexts);
	return cut(line, longestMessage);
}

/**
 * Servers quote JSON within JSON, with each letter outside of ASCII as an escape. As people read it, a prompt is found
 * in it.
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
