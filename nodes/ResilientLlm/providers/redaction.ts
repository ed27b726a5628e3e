const longestMessage = 300;

/** No more of a server's text than this is looked at: some patterns take time that grows with its square. */
const longestText = 2000;

/** Shorter runs of text are shared by chance; longer ones are an echo. */
const shortestEcho = 16;

const secretShapes: ReadonlyArray<readonly [RegExp, string]> = [
	[/\b(Bearer|Basic)\s+[\w.~+/=*-]{4,}/gi, '$1 [redacted]'],
	[/\b(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|fw|csk|tgp|ghp|key)[-_][\w.*-]{6,}/gi, '[redacted]'],
	[/\bAIza[\w*-]{6,}/g, '[redacted]'],
	[/([?&](?:key|api[-_]?key|access_token|token)=)[^&\s"']+/gi, '$1[redacted]'],
	[/((?:x-api-key|x-goog-api-key|api-key)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, '$1[redacted]'],
	[/\/\/[^\s/@:]+:[^\s/@]+@/g, '//[redacted]@'],
	[/[\w.-]*\*{3,}[\w.*-]*/g, '[redacted]'],
];

/** Validation errors of pydantic and its like repeat the request they complain about. */
const echoedInput = [/["']?\binput["']?\s*:\s*(?:[{["']).*$/s, /\binput_value=.*?(?=, input_type=|$)/gs];

/**
 * One short line out of what a server or library said: no key, and nothing of `privateTexts` (the prompt, the system
 * message), which servers like to quote back.
 */
export function shortMessage(text: string, apiKey: string, privateTexts: readonly string[]): string {
	let line = text.slice(0, longestText);
	if (apiKey.length >= 4) {
		const encodedKey = encodeURIComponent(Buffer.from(apiKey).toString());
		line = line.replaceAll(apiKey, '[redacted]').replaceAll(encodedKey, '[redacted]');
		// The cut may have gone through a key.
		if (text.length > longestText) line = line.slice(0, -encodedKey.length);
	}
	for (const [shape, replacement] of secretShapes) line = line.replace(shape, replacement);
	for (const echo of echoedInput) line = line.replace(echo, '');
	line = withoutSpaces(line);
	line = withoutEcho(line.slice(0, 2 * longestMessage), privateTexts);
	return line.length > longestMessage ? `${line.slice(0, longestMessage - 1).trimEnd()}…` : line;
}

function withoutSpaces(text: string): string {
	return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}

function withoutEcho(line: string, privateTexts: readonly string[]): string {
	let clean = line;
	for (const privateText of privateTexts) {
		const hidden = withoutSpaces(privateText);
		if (hidden.length < 4) continue;
		const run = Math.min(shortestEcho, hidden.length);
		let kept = '';
		let at = 0;
		while (at < clean.length) {
			let length = 0;
			while (at + Math.max(run, length + 1) <= clean.length && hidden.includes(clean.slice(at, at + Math.max(run, length + 1)))) {
				length = Math.max(run, length + 1);
			}
			kept += length > 0 ? '…' : (clean[at] ?? '');
			at += Math.max(length, 1);
		}
		clean = kept;
	}
	return clean;
}
