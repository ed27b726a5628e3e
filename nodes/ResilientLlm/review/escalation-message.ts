import { cut } from '../engine/cut';
import type { Attempt } from '../engine/attempt';
import { markdownBlock, markdownLine, plainLine, quotedText, visibleLine, visibleText } from './harmless-text';

/** The facts of an escalation, before they are put into words for a channel. */
export interface EscalationToTell {
	readonly taskId: string;
	/** Why a human is asked, in one sentence. */
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
	/** For the subject line of a ticket or an email. */
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

/**
 * In characters; `attempts` in lines. Slack allows 150 characters in a header and 3000 in a section, and a message
 * should be short enough to read.
 */
const limits = { title: 120, name: 120, prompt: 2000, draft: 2000, reason: 600, attempts: 10 } as const;

/**
 * The same message in the formats of several channels. Texts from users and models are shortened, and made harmless: a
 * channel finds no mention, link or markup in them.
 */
export function escalationMessage(facts: EscalationToTell): EscalationMessage {
	const { dueAt, reviewUrl } = facts;
	const workflow = cut(visibleLine(facts.workflowName), limits.name);
	const reason = cut(visibleLine(facts.reason), limits.reason);
	const prompt = cut(facts.prompt, limits.prompt);
	const draft = facts.draft === null ? undefined : cut(facts.draft, limits.draft);
	const tried = attemptLines(facts.attempts);
	const task = cut(visibleLine(facts.taskId), limits.name);
	const source = `Workflow "${workflow}", execution ${facts.executionId}, task ${task}`;
	const due = dueAt === null ? undefined : `Due: ${dueAt.slice(0, 16).replace('T', ' ')} UTC`;
	const title = cut(plainLine(`${workflow || 'Workflow'}: a task needs a human – ${prompt}`), limits.title);

	return { title, text: text(), markdown: markdown(), slackBlocks: slackBlocks() };

	function text(): string {
		return paragraphs([
			plainLine(reason),
			reviewUrl === null ? undefined : `Review: ${reviewUrl}`,
			due,
			`Prompt:\n${quotedText(prompt)}`,
			draft === undefined ? undefined : `Draft:\n${quotedText(draft)}`,
			tried.length === 0 ? undefined : `Tried:\n${tried.map((line) => `- ${plainLine(line)}`).join('\n')}`,
			plainLine(source),
		]);
	}

	function markdown(): string {
		return paragraphs([
			`**${markdownLine(reason)}**`,
			reviewUrl === null ? undefined : `[Review this task](<${reviewUrl}>)`,
			due && markdownLine(due),
			`**Prompt**\n\n${markdownBlock(prompt)}`,
			draft === undefined ? undefined : `**Draft**\n\n${markdownBlock(draft)}`,
			tried.length === 0 ? undefined : `**Tried**\n\n${tried.map((line) => `- ${markdownLine(line)}`).join('\n')}`,
			markdownLine(source),
		]);
	}

	function slackBlocks(): readonly SlackBlock[] {
		const blocks: SlackBlock[] = [
			{ type: 'header', text: slackText(title) },
			{ type: 'section', text: slackText(reason) },
			{ type: 'section', text: slackText(`Prompt:\n${prompt}`) },
		];
		if (due !== undefined) blocks.push({ type: 'section', text: slackText(due) });
		if (draft !== undefined) blocks.push({ type: 'section', text: slackText(`Draft:\n${draft}`) });
		if (tried.length > 0) blocks.push({ type: 'section', text: slackText(`Tried:\n${tried.join('\n')}`) });
		if (reviewUrl !== null) {
			blocks.push({ type: 'actions', elements: [{ type: 'button', text: slackText('Review'), url: reviewUrl }] });
		}
		blocks.push({ type: 'context', elements: [slackText(source)] });
		return blocks;
	}
}

function attemptLines(attempts: readonly Attempt[]): readonly string[] {
	const lines = attempts.slice(0, limits.attempts).map((attempt) => {
		const result =
			attempt.outcome === 'answered'
				? 'answered'
				: `${attempt.outcome}, ${attempt.reason}: ${cut(visibleLine(attempt.message), 160)}`;
		return `${attempt.provider} ${cut(visibleLine(attempt.model), 80)}: ${result}`;
	});
	const left = attempts.length - lines.length;
	return left > 0 ? [...lines, `… and ${left} more`] : lines;
}

function paragraphs(parts: ReadonlyArray<string | undefined>): string {
	return parts.filter((part) => part !== undefined).join('\n\n');
}

/** Slack interprets no mention, link or markup in text of the type `plain_text`. */
function slackText(text: string): SlackText {
	return { type: 'plain_text', text: visibleText(text), emoji: false };
}
