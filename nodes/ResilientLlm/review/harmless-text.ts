/**
 * Makes texts from users, models and servers harmless for tickets, emails and chats. People read the same words, but
 * programs find no mentions, no links with a misleading name, no pictures, no macros and no markup in them.
 */

/**
 * What starts a command of a program, and the character to replace it with, which looks the same to people but not to
 * programs.
 */
type Command = readonly [start: RegExp, lookalike: string];

/**
 * Mentions such as @channel, @here, @everyone and @name in Slack, Teams, Discord and GitHub; but not ada@example.com.
 */
const mention: Command = [/(?<![\p{L}\p{N}._%+-])@(?=[\p{L}\p{N}_])/gu, '＠'];

/** Slack's <!channel>, <@U1>, <#C1> and <https://elsewhere|here>. Slack interprets them even in a code block. */
const slackCommand: Command = [/<(?=[!@#]|[a-z][\w+.-]{0,20}:)/gi, '‹'];

/**
 * The commands that are replaced in plain text. It may end up in any program, so it is made harmless for all of them.
 * Plain addresses of websites and emails stay, because they show where they lead.
 */
const commands: readonly Command[] = [
	mention,
	slackCommand,
	// HTML's <img> and the like.
	[/<(?=[/?\p{L}])/gu, '‹'],
	// Links and pictures of Markdown: [here](https://elsewhere), [here][1] and [1]: https://elsewhere
	[/\](?=[([:])/g, '］'],
	// Jira's {code}, {color:white} and other macros.
	[/\{(?=[a-z][\w-]{0,40}[:}])/gi, '｛'],
	// Jira's pictures: !https://elsewhere/a.png! and !a.png|thumbnail!
	[/(?<!!)!+(?=[^\s!|]{1,2000}(?:\|[^!\n]{0,2000})?!)/g, '！'],
	// Jira's [~user] and [^file].
	[/(?<!\[)\[+(?=[~^#])/g, '［'],
];

/**
 * Control characters except line break and tab, characters that change the writing direction, and invisible tag
 * characters.
 */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/gu;

/**
 * The text without invisible characters and with `\n` as its only line break. For programs that interpret nothing in
 * it.
 */
export function visibleText(text: string): string {
	return text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(unseen, '');
}

/** Like `visibleText`, on one line. For subjects: in an email a line break there would begin another header. */
export function visibleLine(text: string): string {
	return visibleText(text).replace(/\s+/g, ' ').trim();
}

/**
 * Text without commands, for any program that shows plain text and may interpret parts of it, such as an email, a
 * ticket or a chat.
 */
export function plainText(text: string): string {
	return withoutJiraLinks(without(commands, visibleText(text)));
}

/** Like `plainText`, on one line. */
export function plainLine(text: string): string {
	return plainText(visibleLine(text));
}

/** Like `plainText`, with `> ` before each line, so that none of its lines can pass for one of our own. */
export function quotedText(text: string): string {
	return plainText(text).replace(/^/gm, '> ');
}

/**
 * Text for use within a line of Markdown, with its markup escaped. Not for the start of a line, where Markdown knows
 * further markup.
 */
export function markdownLine(text: string): string {
	return without([mention], visibleLine(text)).replace(/[&<>\\`*_[\]|~]/g, (sign) =>
		/[&<>]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
	);
}

/**
 * A Markdown code block. Its fence is longer than any run of backticks in the text, so that the text cannot end the
 * block.
 */
export function markdownBlock(text: string): string {
	const content = without([mention, slackCommand], visibleText(text));
	const longest = (content.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 0);
	const fence = '`'.repeat(Math.max(3, longest + 1));
	return `${fence}\n${content}\n${fence}`;
}

/** Replaces each character of every match by the lookalike. */
function without(starts: readonly Command[], text: string): string {
	return starts.reduce(
		(clean, [start, lookalike]) => clean.replace(start, (signs) => lookalike.repeat(signs.length)),
		text,
	);
}

/**
 * Replaces the opening brackets of Jira's links, such as [here|https://elsewhere]: all those before the last bar or
 * address of each stretch without a closing bracket. A single regular expression for this would take quadratic time on
 * a text with many brackets.
 */
function withoutJiraLinks(text: string): string {
	return text.replace(/[^\]\n]+/g, (stretch) => {
		const linkEnd = Math.max(...['|', '://', 'mailto:'].map((sign) => stretch.toLowerCase().lastIndexOf(sign)));
		return stretch.slice(0, linkEnd + 1).replaceAll('[', '［') + stretch.slice(linkEnd + 1);
	});
}
