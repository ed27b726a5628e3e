import type { EpochMs } from '../../engine/clock';
import { page, type Page } from './document';
import { html, type Html } from '../../page/html';
import { icons } from './icons';
import { textBox } from './text-box';
import { momentIn } from '../../page/wording';

interface Notice {
	readonly status: number;
	readonly icon: Html;
	readonly heading: string;
	readonly text: string;
	/** What the reviewer has typed, shown so that it is not lost. */
	readonly unsent?: string;
}

/**
 * The page for a link without a review: it was mistyped, the review was deleted, or somebody is guessing tokens. The
 * same page in all cases, so that guessing reveals nothing.
 */
export function unknownPage(): Page {
	return notice({
		status: 404,
		icon: icons.link,
		heading: 'This link leads to no review',
		text: 'It may be cut off, or its review may be long over. Open it again from the message you got, or ask whoever sent it.',
	});
}

export function expiredPage(expiresAt: EpochMs, timeZone: string, unsent = ''): Page {
	return notice({
		status: 410,
		icon: icons.clock,
		heading: 'This review has expired',
		text: `It was open until ${momentIn(timeZone, expiresAt)}, and nobody decided in time. If the task still matters, run it again in n8n.`,
		unsent,
	});
}

/**
 * The page for a store that cannot be reached. The decision may have been stored all the same, if only the store's
 * reply was lost.
 */
export function unavailablePage(unsent = ''): Page {
	return notice({
		status: 503,
		icon: icons.alert,
		heading: 'This does not work right now',
		text: 'The place where reviews are kept cannot be reached. Nothing is lost: try again in a few minutes, or tell whoever runs this n8n. A decision that is sent twice counts once.',
		unsent,
	});
}

/** The page for a review whose content this version of the package cannot read, or that was deleted. */
export function unreadablePage(why: string): Page {
	return notice({
		status: 500,
		icon: icons.alert,
		heading: 'This review cannot be shown',
		text: `${why} Tell whoever runs this n8n.`,
	});
}

function notice({ status, icon, heading, text, unsent = '' }: Notice): Page {
	return page({
		status,
		title: heading,
		content: html`<main class="notice">
<span class="sign warn">${icon}</span>
<h1>${heading}</h1>
<p class="reason">${text}</p>
${
	unsent.trim() !== '' &&
	html`<section class="card">
<h2>What you had written</h2>
<p class="note">Copy it from here before you leave this page.</p>
${textBox('What you had written', unsent)}
</section>`
}
</main>`,
	});
}
