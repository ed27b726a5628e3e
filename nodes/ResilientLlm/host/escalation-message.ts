import type { Attempt } from '../engine/attempt';

/** What a human needs to know, before it is put into words for a channel. */
export interface EscalationFacts {
	readonly taskId: string;
	/** Why, in one sentence. */
	readonly reason: string;
	readonly prompt: string;
	readonly draft: string | null;
	readonly attempts: readonly Attempt[];
	readonly workflowName: string;
	readonly executionId: string;
	/** ISO 8601; null: never due. */
	readonly dueAt: string | null;
	readonly reviewUrl: string | null;
}

export interface EscalationMessage {
	/** For a ticket's or an email's subject line. */
	readonly title: string;
	readonly text: string;
	readonly markdown: string;
	readonly slackBlocks: readonly SlackBlock[];
}

interface SlackText {
	readonly type: 'plain_text';
	readonly text: string;
	readonly emoji: false;
}

type SlackBlock =
	| { readonly type: 'header'; readonly text: SlackText }
	| { readonly type: 'section'; readonly text: SlackText }
	| { readonly type: 'context'; readonly elements: readonly SlackText[] }
	| {
			readonly type: 'actions';
			readonly elements: readonly [{ readonly type: 'button'; readonly text: SlackText; readonly url: string }];
	  };

/** Characters. Slack takes 150 in a header and 3000 in a section, and a ticket should be read, not scrolled. */
const limits = { title: 120, prompt: 2000, draft: 2000, reason: 600, attempts: 10 } as const;

/** The same message for every channel. Text of users and models is cut, and can do nothing in a channel but be read. */
export function escalationMessage(facts: EscalationFacts): EscalationMessage {
	const title = cut(`${facts.workflowName || 'Workflow'}: a task needs a human – ${oneLine(facts.prompt)}`, limits.title);
	const reason = cut(oneLine(facts.reason), limits.reason);
	const prompt = cut(facts.prompt, limits.prompt);
	const draft = facts.draft === null ? undefined : cut(facts.draft, limits.draft);
	const tried = attemptLines(facts.attempts);
	const source = `Workflow "${cut(oneLine(facts.workflowName), limits.title)}", execution ${facts.executionId}, task ${facts.taskId}`;

	const due = facts.dueAt === null ? undefined : `Due: ${facts.dueAt.slice(0, 16).replace('T', ' ')} UTC`;

	const text = [
		reason,
		facts.reviewUrl === null ? undefined : `Review: ${facts.reviewUrl}`,
		due,
		`Prompt:\n${prompt}`,
		draft === undefined ? undefined : `Draft:\n${draft}`,
		tried.length === 0 ? undefined : `Tried:\n${tried.map((line) => `- ${line}`).join('\n')}`,
		source,
	];
	const markdown = [
		`**${escapeMarkdown(reason)}**`,
		facts.reviewUrl === null ? undefined : `[Review this task](<${facts.reviewUrl}>)`,
		due && escapeMarkdown(due),
		`**Prompt**\n\n${fenced(prompt)}`,
		draft === undefined ? undefined : `**Draft**\n\n${fenced(draft)}`,
		tried.length === 0 ? undefined : `**Tried**\n\n${tried.map((line) => `- ${escapeMarkdown(line)}`).join('\n')}`,
		escapeMarkdown(source),
	];
	return { title, text: paragraphs(text), markdown: paragraphs(markdown), slackBlocks: slackBlocks() };

	function slackBlocks(): readonly SlackBlock[] {
		const blocks: SlackBlock[] = [
			{ type: 'header', text: plain(title) },
			{ type: 'section', text: plain(reason) },
			{ type: 'section', text: plain(`Prompt:\n${prompt}`) },
		];
		if (due !== undefined) blocks.push({ type: 'section', text: plain(due) });
		if (draft !== undefined) blocks.push({ type: 'section', text: plain(`Draft:\n${draft}`) });
		if (tried.length > 0) blocks.push({ type: 'section', text: plain(`Tried:\n${tried.join('\n')}`) });
		if (facts.reviewUrl !== null) {
			blocks.push({ type: 'actions', elements: [{ type: 'button', text: plain('Review'), url: facts.reviewUrl }] });
		}
		blocks.push({ type: 'context', elements: [plain(source)] });
		return blocks;
	}
}

function attemptLines(attempts: readonly Attempt[]): readonly string[] {
	const lines = attempts.slice(0, limits.attempts).map((attempt) => {
		const result = attempt.outcome === 'answered' ? 'answered' : `${attempt.outcome}, ${attempt.reason}: ${cut(oneLine(attempt.message), 160)}`;
		return `${attempt.provider} ${cut(attempt.model, 80)}: ${result}`;
	});
	const left = attempts.length - lines.length;
	return left > 0 ? [...lines, `… and ${left} more`] : lines;
}

/** At most `max` characters, never half of one. */
export function cut(text: string, max: number): string {
	if (text.length <= max) return text;
	return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function oneLine(text: string): string {
	return text.replace(/\s+/g, ' ').trim();
}

function paragraphs(parts: ReadonlyArray<string | undefined>): string {
	return parts.filter((part) => part !== undefined).join('\n\n');
}

/** Plain text: Slack interprets no mention, no link and no markup in it. */
function plain(text: string): SlackText {
	return { type: 'plain_text', text, emoji: false };
}

/** Text inside a line: at a line's start, Markdown has more signs than these. */
function escapeMarkdown(text: string): string {
	return text.replace(/[&<>\\`*_[\]|~]/g, (sign) => (/[&<>]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`));
}

/** A code block whose fence is longer than any run of backticks inside, so that nothing gets out of it. */
function fenced(text: string): string {
	const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
	const fence = '`'.repeat(Math.max(3, longest + 1));
	return `${fence}\n${text}\n${fence}`;
}
