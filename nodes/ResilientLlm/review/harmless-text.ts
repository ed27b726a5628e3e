/**
 * Text of users, models and servers on its way into tickets, emails and chats. People read the same words; the programs
 * that show them find no mention, no link with another name, no picture, no macro and no markup in them.
 */

/** What starts a command, and the sign that people read in the same way and programs do not. */
type Command = readonly [start: RegExp, lookalike: string];

/** @channel, @here, @everyone and names, in Slack, Teams, Discord and GitHub; but not ada@example.com. */
const mention: Command = [/(?<![\p{L}\p{N}._%+-])@(?=[\p{L}\p{N}_])/gu, '＠'];

/** Slack's <!channel>, <@U1>, <#C1> and <https://elsewhere|here>. It reads them even in a block of code. */
const slackCommand: Command = [/<(?=[!@#]|[a-z][\w+.-]{0,20}:)/gi, '‹'];

/**
 * Plain text may end up in any program, so it is made harmless for all of them. Addresses of websites and emails stay
 * as they are, for they lead where they say.
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
 * Control characters but the line break and the tab, those that turn the direction of reading, and invisible letters.
 */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/gu;

/** Text as it is, line breaks included, but for what nobody sees. For programs that interpret nothing. */
export function visibleText(text: string): string {
	return text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(unseen, '');
}

/** The same on one line, as a subject needs it: a line break there would begin another header. */
export function visibleLine(text: string): string {
	return visibleText(text).replace(/\s+/g, ' ').trim();
}

/** Text for any program that shows plain text and may find commands in it, such as an email, a ticket or a chat. */
export function plainText(text: string): string {
	return withoutJiraLinks(without(commands, visibleText(text)));
}

/** The same on one line. */
export function plainLine(text: string): string {
	return plainText(visibleLine(text));
}

/** Plain text as a quotation, so that none of its lines can be taken for one of ours. */
export function quotedText(text: string): string {
	return plainText(text).replace(/^/gm, '> ');
}

/** Text inside a line of Markdown: at a line's start, Markdown has more signs than these. */
export function markdownLine(text: string): string {
	return without([mention], visibleLine(text)).replace(/[&<>\\`*_[\]|~]/g, (sign) =>
		/[&<>]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
	);
}

/** A code block of Markdown whose fence is longer than any run of backticks inside, so that nothing gets out of it. */
export function markdownBlock(text: string): string {
	const content = without([mention, slackCommand], visibleText(text));
	const longest = (content.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 0);
	const fence = '`'.repeat(Math.max(3, longest + 1));
	return `${fence}\n${content}\n${fence}`;
}

/** Every run of a start becomes as many lookalikes. */
function without(starts: readonly Command[], text: string): string {
	return starts.reduce(
		(clean, [start, lookalike]) => clean.replace(start, (signs) => lookalike.repeat(signs.length)),
		text,
	);
}

/**
 * Jira's [here|https://elsewhere]: of the brackets that are open before a bar or an address, any may be the link's. One
 * pattern for this would read a text of many brackets many times.
 */
function withoutJiraLinks(text: string): string {
	return text.replace(/[^\]\n]+/g, (stretch) => {
		const linkEnd = Math.max(...['|', '://', 'mailto:'].map((sign) => stretch.toLowerCase().lastIndexOf(sign)));
		return stretch.slice(0, linkEnd + 1).replaceAll('[', '［') + stretch.slice(linkEnd + 1);
	});
}
